"""Events that Azure posts when a job has ended. They say when to look, never what is so."""

from collections.abc import Mapping
from functools import lru_cache

import openai

from shared.config.settings import Settings
from shared.domain.errors import NotConfigured, Unauthorized


def ended_job(settings: Settings, body: bytes, headers: Mapping[str, str]) -> str | None:
    """The id of the job that a signed event tells of; None for an event of another kind.

    Raises:
        NotConfigured: without a secret, nobody can tell a true event from a forged one.
        Unauthorized: not signed with the secret, or more than five minutes ago.
    """
    secret = settings.openai_webhook_secret.get_secret_value()
    if not secret:
        raise NotConfigured("Set OPENAI_WEBHOOK_SECRET to the webhook's secret; until then jobs are polled.")
    try:
        event = _verifier().webhooks.unwrap(body, dict(headers), secret=secret)
    except (openai.InvalidWebhookSignatureError, ValueError, TypeError):
        # The SDK's other errors are headers that are absent, and text that is no text.
        raise Unauthorized("The event is not signed with OPENAI_WEBHOOK_SECRET, or not just now.") from None
    if not str(getattr(event, "type", "")).startswith("batch."):
        return None
    job_id = getattr(getattr(event, "data", None), "id", None)
    return job_id if isinstance(job_id, str) else None


@lru_cache(maxsize=1)
def _verifier() -> openai.OpenAI:
    """A client that calls nobody: verifying takes the secret alone."""
    return openai.OpenAI(api_key="none", base_url="http://127.0.0.1:9")
