"""`OpenAIBatch`: one JSONL file, one Azure OpenAI job, one record."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from shared.domain.outcome import OutcomeCounts, VariantCounts
from shared.domain.states import BatchStatus
from shared.domain.stored import Stored
from shared.domain.wait_reason import WaitReason

# Reserved values of `deployment`: the deployment of the fixed settings, and the one for online calls.
DEFAULT_DEPLOYMENT = "default"
ONLINE_DEPLOYMENT = "online"


class SubmitPhase(StrEnum):
    """Progress of a submission. Each phase is stored before its step begins."""

    NONE = "none"
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    CREATING = "creating"
    """A create call may have reached Azure: look for a job of this batch before anything else."""
    FENCED = "fenced"
    """No job was found and the input was deleted, so a create call still under way fails. Look once more."""


class TransferMode(StrEnum):
    """How the request lines reach Azure and the results come back."""

    FILES = "files"
    """Files are uploaded to the resource: at most 200 MB each, counted in its quota of files."""
    BLOB = "blob"
    """Azure reads from and writes to the app's container: at most 1 GB a blob."""
    ONLINE = "online"
    """No job: each request is an online call. For the last few requests of a run; never a setting."""


class Batch(Stored):
    """The public part of a batch. Times are in UTC, tokens as Azure reported them, cost in USD."""

    batch_id: str
    filename: str
    product_count: int = 0
    status: BatchStatus = BatchStatus.BUILDING
    openai_job_id: str | None = None
    result_file: str | None = Field(default=None, description="blob prefix of the staged result segments")
    error_message: str | None = None
    created_at: datetime
    completed_at: datetime | None = None

    run_id: str
    category: str
    transfer: TransferMode = TransferMode.FILES
    deployment: str = Field(
        default=DEFAULT_DEPLOYMENT, description="`default`, an entry of MORE_DEPLOYMENTS, or `online`"
    )
    locales: list[str] = Field(
        default_factory=list, description="locales that may be requested for its products"
    )
    request_count: int = 0
    input_bytes: int = 0
    input_tokens_estimate: int = 0
    output_tokens_estimate: int = Field(default=0, description="of usual answers to what is asked")
    submitted_at: datetime | None = None
    cancel_requested_at: datetime | None = None

    needs_attention: str | None = Field(
        default=None, description="why the app stopped trying and waits for a person, or null"
    )

    job_status: str | None = Field(
        default=None, description="the job's state as Azure reports it, in lower case; or `refused`"
    )
    job_error: str | None = None
    job_status_since: datetime | None = Field(default=None, description="when `job_status` last changed")
    requests_done: int = 0
    progress_at: datetime | None = Field(default=None, description="when the job last made progress")
    given_over_at: datetime | None = Field(
        default=None,
        description="when the app decided to cancel the job and to ask its last requests online",
    )
    wait_kind: WaitReason | None = Field(
        default=None, description="the kind of `waits_for`; null in records of earlier versions"
    )
    waits_for: str | None = None
    waits_since: datetime | None = None

    counts: OutcomeCounts = Field(default_factory=OutcomeCounts)
    by_prompt: dict[str, VariantCounts] = Field(
        default_factory=dict, description="counts by version and variant of the prompt"
    )
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    cost_reserved: float = Field(
        default=0.0, description="worst-case cost, reserved before the batch is sent"
    )

    @property
    def is_online(self) -> bool:
        """Whether its requests are online calls, without a job."""
        return self.deployment == ONLINE_DEPLOYMENT

    def as_online(self) -> Self:
        """A copy whose requests are online calls. Only this method sets the two fields that say so."""
        return self.model_copy(update={"transfer": TransferMode.ONLINE, "deployment": ONLINE_DEPLOYMENT})


class OpenAIBatch(Batch):
    """The whole record of a batch, with the state of its submission and Azure's file ids."""

    build_id: str | None = Field(default=None, description="the build whose files are valid: the latest one")
    submit_phase: SubmitPhase = SubmitPhase.NONE
    submit_owner: str | None = None
    submit_expires_at: datetime | None = None
    submit_attempts: int = 0
    input_file_id: str | None = Field(
        default=None, description="id of the uploaded file, or name of the blob"
    )
    previous_job_ids: list[str] = Field(default_factory=list)
    cancel_sent_at: datetime | None = None

    restarts: int = Field(default=0, description="restarts of its lifecycle since it last made progress")
    restarted_as: BatchStatus | None = None

    output_file_id: str | None = None
    error_file_id: str | None = None
    checks_without_output: int = 0
    stage_attempts: int = 0
    segments: list[str] = Field(default_factory=list, description="blob names of the staged results")

    def public(self) -> Batch:
        """The part that API callers see."""
        return Batch.model_construct(**{name: getattr(self, name) for name in Batch.model_fields})
