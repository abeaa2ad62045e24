"""The openai client for Azure: v1 surface or a dated api-version, with a key or the app's identity."""

from typing import Any

import openai
from azure.identity import DefaultAzureCredential, get_bearer_token_provider

from shared.config.settings import Settings


def make_client(settings: Settings) -> openai.OpenAI:
    """A client, synchronous and safe to share between threads."""
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
