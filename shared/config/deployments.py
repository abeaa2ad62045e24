"""Further batch deployments (MORE_DEPLOYMENTS), beside the one of the three fixed settings."""

import os
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, field_validator


class Deployment(BaseModel):
    """A further deployment, at the same Azure OpenAI resource or at another. A limit of 0 means no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    endpoint: str
    deployment: str = Field(min_length=1)
    key_variable: str = Field(default="", pattern=r"^([A-Z][A-Z0-9_]*)?$")
    enqueued_token_limit: int = Field(default=0, ge=0)
    file_limit: int = Field(default=9_000, ge=3, le=10_000)

    @field_validator("endpoint")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def key(self) -> SecretStr:
        """The resource's key, from the variable `key_variable`. Empty: the app signs in with its identity."""
        return SecretStr(os.environ.get(self.key_variable, "") if self.key_variable else "")

    def changes(self) -> dict[str, Any]:
        """The settings that differ at this deployment."""
        return {
            "azure_openai_endpoint": self.endpoint,
            "azure_openai_deployment_name": self.deployment,
            "openai_api_key": self.key,
            "enqueued_token_limit": self.enqueued_token_limit,
            "file_limit": self.file_limit,
        }


def read_deployments(text: str) -> tuple[Deployment, ...]:
    """Read the JSON list of further deployments.

    Raises:
        ValueError: naming each wrong field of each entry, and never its value.
    """
    try:
        return TypeAdapter(tuple[Deployment, ...]).validate_python(orjson.loads(text or "[]"))
    except orjson.JSONDecodeError as error:
        raise ValueError(f"is not valid JSON: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the list'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise ValueError(f"must be a JSON list of deployments: {wrong}") from None
