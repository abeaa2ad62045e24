"""The openai client for Azure (v1 surface or a dated api-version, with a key or the app's identity).

Also reads Azure's error responses.
"""

import re
from collections.abc import Callable
from typing import Any

import openai
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential, get_bearer_token_provider

from shared.config.settings import Settings

# Longer than any wait; a longer number is not worth parsing.
_SECONDS = re.compile(r"[0-9]{1,9}")


class NoToken(Exception):
    """The app's identity gets no token for Azure OpenAI. The text contains no secret."""


def make_client(settings: Settings) -> openai.OpenAI:
    """Make a synchronous client, which is safe to share between threads."""
    key = settings.openai_api_key.get_secret_value()
    if key:
        credential: Any = key
    else:
        provider = get_bearer_token_provider(DefaultAzureCredential(), settings.azure_openai_token_scope)
        credential = _naming_failures(provider)
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
    """Return the seconds in the `Retry-After` header; None without the header, or when it holds a date.

    Azure may send any number: the caller bounds it by its own longest pause.
    """
    value = error.response.headers.get("retry-after", "").strip()
    return int(value) if _SECONDS.fullmatch(value) else None


def _naming_failures(provider: Callable[[], str]) -> Callable[[], str]:
    """The token provider, with a failure that is told apart from one of storage."""

    def token() -> str:
        try:
            return provider()
        except ClientAuthenticationError as error:
            raise NoToken("the app's identity gets no token for Azure OpenAI") from error

    return token
