"""Checks of Azure OpenAI: the endpoint with its key, and the online deployment by one tiny call."""

from collections.abc import Callable
from typing import Any

import openai
from azure.core.exceptions import AzureError

from scripts.checks.check_result import Check, State, failed, ok
from shared.config.settings import Settings
from shared.openai_batch.openai_client import make_client

ENDPOINT = "endpoint and key"
ONLINE = "online deployment"

_SECONDS = 30.0
_MOST_TOKENS = 16
# The error of a reasoning model whose hidden tokens use up `_MOST_TOKENS`.
_TOO_FEW_TOKENS = "max_tokens or model output limit was reached"


def check_endpoint(settings: Settings) -> Check:
    """Whether the endpoint answers and accepts the key. The call lists at most one job."""
    client = make_client(settings).with_options(max_retries=0, timeout=_SECONDS)

    def call() -> str:
        client.batches.list(limit=1)
        return f"{settings.azure_openai_endpoint} lists its jobs"

    return _judge(ENDPOINT, settings, call, {})


def check_online(settings: Settings) -> Check:
    """Whether the online deployment answers. Returns NOT_SET when none is configured."""
    name = settings.azure_openai_online_deployment_name
    if not name:
        finding = "AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME is empty: previews are refused, everything else works"
        return Check(ONLINE, State.NOT_SET, finding)
    client = make_client(settings).with_options(max_retries=1, timeout=_SECONDS)

    def call() -> str:
        answer = client.chat.completions.create(
            model=name,
            messages=[{"role": "user", "content": "Say ok."}],
            max_completion_tokens=_MOST_TOKENS,
        )
        return f"{name} ({answer.model}) answered"

    wrong = (
        "Set AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME to a deployment of an online type, such as GlobalStandard."
    )
    return _judge(ONLINE, settings, call, {400: wrong, 404: wrong})


def _judge(name: str, settings: Settings, call: Callable[[], str], remedies: dict[int, str]) -> Check:
    try:
        return ok(name, call())
    except openai.APIStatusError as error:
        if _TOO_FEW_TOKENS in error.message:
            return ok(name, "answered that it needs more tokens, as a reasoning model does")
        remedy = remedies.get(error.status_code) or _remedy(error.status_code, settings)
        return failed(name, f"HTTP {error.status_code}: {_message(error)}", remedy)
    except openai.APIConnectionError:
        remedy = (
            "Check AZURE_OPENAI_ENDPOINT (https://<resource>.openai.azure.com) and the resource's network."
        )
        return failed(name, f"nothing answers at {settings.azure_openai_endpoint}", remedy)
    except AzureError as error:
        remedy = "Set OPENAI_API_KEY, or sign in with an identity that Azure knows (az login)."
        return failed(name, f"no token for the identity: {str(error.message).splitlines()[0]}", remedy)


def _remedy(status: int, settings: Settings) -> str:
    if status in (401, 403):
        if settings.openai_api_key.get_secret_value():
            return (
                "Copy OPENAI_API_KEY again (portal, Keys and Endpoint), "
                "or allow this machine in the resource's network."
            )
        return "Give the identity the role Cognitive Services OpenAI Contributor on the resource."
    if status == 404:
        return (
            "Check AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_VERSION "
            "(v1, or a dated version that supports batches)."
        )
    return "Try again. If it still fails, check the resource in the Azure portal."


def _message(error: openai.APIStatusError) -> str:
    """Azure's own message, without the SDK's prefix."""
    body: Any = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return str(message or error.code or error.message)
