"""Webhook events that Azure posts when a job has ended.

An event only triggers a check of the job. Its content is not used as the job's state.
"""

from collections.abc import Mapping
from functools import lru_cache

import openai

from shared.config.settings import Settings
from shared.domain.errors import NotConfigured, Unauthorized


def ended_job(settings: Settings, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Return the job id in a signed event; None for an event of another kind.

    Raises:
        NotConfigured: there is no secret, so a forged event could not be recognised.
        Unauthorized: the event is not signed with the secret, or was signed more than five minutes ago.
    """
    secret = settings.openai_webhook_secret.get_secret_value()
    if not secret:
        raise NotConfigured("Set OPENAI_WEBHOOK_SECRET to the webhook's secret; until then jobs are polled.")
    try:
        event = _verifier().webhooks.unwrap(body, dict(headers), secret=secret)
    except (openai.InvalidWebhookSignatureError, ValueError, TypeError):
        # ValueError: a header is missing or the body is not text. TypeError: the signature is not ASCII.
        raise Unauthorized(
            "The event is not signed with OPENAI_WEBHOOK_SECRET, or it was signed more than 5 minutes ago."
        ) from None
    if not str(getattr(event, "type", "")).startswith("batch."):
        return None
    job_id = getattr(getattr(event, "data", None), "id", None)
    return job_id if isinstance(job_id, str) else None


@lru_cache(maxsize=1)
def _verifier() -> openai.OpenAI:
    """Make a client that never connects: verifying a signature needs only the secret."""
    return openai.OpenAI(api_key="none", base_url="http://127.0.0.1:9")
