"""The openai client for Azure (v1 surface or a dated api-version, with a key or the app's identity).

Also reads Azure's error responses.
"""

from typing import Any

import openai
from azure.identity import DefaultAzureCredential, get_bearer_token_provider

from shared.config.settings import Settings


def make_client(settings: Settings) -> openai.OpenAI:
    """Make a synchronous client, which is safe to share between threads."""
    key = settings.openai_api_key.get_secret_value()
    if key:
        credential: Any = key
    else:
        credential = get_bearer_token_provider(DefaultAzureCredential(), settings.azure_openai_token_scope)
    if settings.azure_openai_api_version == "v1":
        return openai.OpenAI(base_url=f"{settings.azure_openai_endpoint}/openai/v1/", api_key=credential)
    return openai.AzureOpenAI(
        azure_endpoint=settings.azure_openai_endpoint,
        api_version=settings.azure_openai_api_version,
        api_key=key or None,
        azure_ad_token_provider=None if key else credential,
    )


def azure_message(error: openai.APIStatusError) -> str:
    """Return the message in Azure's error response, without the text that the SDK adds."""
    body: Any = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return str(message or "no message given")


def retry_after_seconds(error: openai.APIStatusError) -> int | None:
    """Return the seconds in the `Retry-After` header; None without the header, or when it holds a date."""
    value = error.response.headers.get("retry-after", "")
    return int(value) if value.isdigit() else None
