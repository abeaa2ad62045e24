"""The batch deployments that a shop may use: the one of the three fixed settings, and further ones."""

import os
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, field_validator


class Deployment(BaseModel):
    """A further deployment, at a resource of its own or at the same; limits of 0 are none."""

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
        """The resource's key, from the environment variable that is named; empty: the app's identity."""
        return SecretStr(os.environ.get(self.key_variable, "") if self.key_variable else "")

    def changes(self) -> dict[str, Any]:
        """The settings that are other ones at this deployment."""
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
        ValueError: saying which field of which entry is wrong, and never its value.
    """
    try:
        return TypeAdapter(tuple[Deployment, ...]).validate_python(orjson.loads(text or "[]"))
    except orjson.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error}") from None
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the list'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise ValueError(f"must be a JSON list of deployments: {said}") from None
