"""Webhook events that Azure posts when a job has ended.

An event only triggers a check of the job. Its content is not used as the job's state.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import openai
import orjson

from shared.config.settings import Settings
from shared.domain.errors import InvalidRequest, NotConfigured, Unauthorized

# It becomes part of a URL at Azure, so no character may change the path.
_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def ended_job(settings: Settings, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Return the job id in a signed event; None for an event that is not about a job.

    Raises:
        NotConfigured: there is no secret, so a forged event could not be recognised.
        Unauthorized: the event is not signed with the secret, or was signed more than five minutes ago.
        InvalidRequest: the event is signed, and is not JSON or names a job that cannot exist.
    """
    secret = settings.openai_webhook_secret.get_secret_value()
    if not secret:
        raise NotConfigured("Set OPENAI_WEBHOOK_SECRET to the webhook's secret; until then jobs are polled.")
    try:
        _verifier().webhooks.verify_signature(body, dict(headers), secret=secret)
    except (openai.InvalidWebhookSignatureError, ValueError, TypeError, OverflowError):
        # ValueError: a header is missing or the body is not text. TypeError: the signature is not ASCII.
        # OverflowError: the time is beyond any calendar.
        raise Unauthorized(
            "The event is not signed with OPENAI_WEBHOOK_SECRET, or it was signed more than 5 minutes ago."
        ) from None
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The event is not JSON: {error}.") from None
    if not isinstance(event, dict) or not str(event.get("type", "")).startswith("batch."):
        return None
    data = event.get("data")
    job_id = data.get("id") if isinstance(data, dict) else None
    if not isinstance(job_id, str):
        return None
    if not _JOB_ID.fullmatch(job_id):
        raise InvalidRequest(
            "data.id of the event must be a job id: at most 200 letters, digits, '.', '_' or '-'."
        )
    return job_id


@lru_cache(maxsize=1)
def _verifier() -> openai.OpenAI:
    """Make a client that never connects: verifying a signature needs only the secret."""
    return openai.OpenAI(api_key="none", base_url="http://127.0.0.1:9")
