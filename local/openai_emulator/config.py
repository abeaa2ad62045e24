"""The emulator's configuration, with Azure's documented limits as defaults."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class DeploymentType(StrEnum):
    """What a deployment serves. A batch deployment refuses online calls; an online one refuses batch jobs."""

    BATCH = "batch"
    ONLINE = "online"


class Quirk(StrEnum):
    """Ways in which Azure's responses have differed between API surfaces, regions or years."""

    EMPTY_IDS = "empty_ids"  # a missing id is "" instead of null
    CAPITAL_STATUS = "capital_status"  # "Completed" instead of "completed"
    NULL_ENDPOINT = "null_endpoint"
    NULL_COUNTS = "null_counts"  # the numbers of `request_counts` are null until the job has ended
    FAILED_MOMENTS = "failed_moments"  # a failed job has `completed_at` and no `failed_at`
    LOOSE_ENDPOINT = "loose_endpoint"  # "/chat/completions" accepts lines for "/v1/chat/completions"
    LINE_IDS = "line_ids"  # result lines have an `id`, as those of OpenAI's own service do


class TokenLimitMode(StrEnum):
    """How a full enqueued-token quota is reported: at create ("fail fast" regions), or by a failed job."""

    AT_CREATE = "create"
    FAILED_JOB = "job"


@dataclass(frozen=True)
class Deployment:
    """A model deployment of the emulated resource."""

    name: str
    model: str
    type: DeploymentType
    # The deployment's own limit in tokens. None: only the subscription's quota applies.
    token_limit: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Deployment":
        """Read `name=model:type`, e.g. `gpt-41-batch=gpt-4.1:batch`.

        Raises:
            ValueError: when the text does not have this form.
        """
        name, equals, rest = text.partition("=")
        model, colon, kind = rest.rpartition(":")
        if not (name and equals and model and colon and kind in list(DeploymentType)):
            raise ValueError(f"{text!r} is not of the form name=model:batch or name=model:online")
        return cls(name, model, DeploymentType(kind))

    @property
    def reasons(self) -> bool:
        """Whether this is a reasoning model, which accepts only `max_completion_tokens`."""
        return self.model.startswith(("gpt-5", "o1", "o3", "o4"))


DEFAULT_DEPLOYMENTS = (
    Deployment("gpt-41-batch", "gpt-4.1-2025-04-14", DeploymentType.BATCH),
    Deployment("gpt-41-online", "gpt-4.1-2025-04-14", DeploymentType.ONLINE),
)


@dataclass(frozen=True)
class EmulatorConfig:
    """The settings of one emulator. `port` 0 takes any free port."""

    data: Path
    port: int = 7072
    api_key: str = "emulator-key"
    seed: int = 1
    deployments: tuple[Deployment, ...] = field(default=DEFAULT_DEPLOYMENTS)
    # Durations, in seconds of the emulator's clock. A job spends a tenth of its time validating and a tenth
    # finalizing. Its files are named `output_delay_seconds` after its status becomes completed.
    job_seconds: float = 3.0
    pending_seconds: float = 0.2
    cancelling_seconds: float = 0.2
    output_delay_seconds: float = 0.0
    # The documented limits (source: learn.microsoft.com, "Azure OpenAI batch limits").
    max_files_without_expiry: int = 500
    max_files_with_expiry: int = 10_000
    max_requests: int = 100_000
    max_file_bytes: int = 200 * 1000 * 1000
    max_blob_bytes: int = 1000 * 1000 * 1000
    token_limit: int = 200_000_000
    token_limit_mode: TokenLimitMode = TokenLimitMode.AT_CREATE

    quirks: frozenset[Quirk] = frozenset()
    # Where batch events are posted, and the secret (`whsec_…`) that signs them.
    webhook_url: str | None = None
    webhook_secret: str = field(default="whsec_ZW11bGF0b3Itd2ViaG9vay1zZWNyZXQ=", repr=False)
    # The emulated resource's access to storage, instead of a managed identity. Without it, the URLs of
    # `input_blob` and `output_folder` must contain a SAS.
    storage_connection_string: str | None = field(default=None, repr=False)

    def deployment(self, name: object) -> Deployment | None:
        """The deployment with this name, or None."""
        return next((each for each in self.deployments if each.name == name), None)

    def limit_of(self, name: str) -> int:
        """How many input tokens a deployment may have enqueued."""
        deployment = self.deployment(name)
        own = deployment.token_limit if deployment else None
        return self.token_limit if own is None else own
