"""`OpenAIBatch`: one JSONL file, one Azure OpenAI job, one record."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from shared.domain.outcome import OutcomeCounts, VariantCounts
from shared.domain.states import BatchStatus

# `deployment` of a batch: the one that the fixed settings name, and the one that answers online calls.
DEFAULT_DEPLOYMENT = "default"
ONLINE_DEPLOYMENT = "online"


class SubmitPhase(StrEnum):
    """How far submitting has come; each is stored before the step it names begins."""

    NONE = "none"
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    CREATING = "creating"
    """A create may have reached Azure: look for a job with our id before anything else."""
    FENCED = "fenced"
    """No job was found and the input file is deleted: a create still on its way fails; look once more."""


class TransferMode(StrEnum):
    """How a batch's lines come to Azure and its results back."""

    FILES = "files"
    """Uploaded to the resource: at most 200 MB, and counted in its quota of files."""
    BLOB = "blob"
    """Azure reads and writes our container: at most 1 GB."""
    ONLINE = "online"
    """No job: a few requests, each asked by an online call. Chosen for stragglers, never by a setting."""


class Batch(BaseModel):
    """What anybody may know of a batch. Times are UTC; tokens are what Azure reported; cost is in USD."""

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
    locales: list[str] = Field(default_factory=list, description="locales that its products may be asked for")
    request_count: int = 0
    input_bytes: int = 0
    input_tokens_estimate: int = 0
    output_tokens_estimate: int = Field(default=0, description="of usual answers to what is asked")
    submitted_at: datetime | None = None
    cancel_requested_at: datetime | None = None

    needs_attention: str | None = Field(
        default=None, description="why nothing is tried any more until a person has looked, or null"
    )

    job_status: str | None = Field(default=None, description="as Azure says it, in lower case")
    job_error: str | None = None
    requests_done: int = 0
    progress_at: datetime | None = Field(default=None, description="when the job was last seen to get on")
    given_over_at: datetime | None = Field(
        default=None,
        description="since when its job is cancelled, so that its last requests are asked online",
    )
    waits_for: str | None = None
    waits_since: datetime | None = None

    counts: OutcomeCounts = Field(default_factory=OutcomeCounts)
    by_prompt: dict[str, VariantCounts] = Field(
        default_factory=dict, description="by version and variant of the prompt"
    )
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    cost_reserved: float = Field(
        default=0.0, description="the worst case that was reserved before it was sent"
    )

    @property
    def is_online(self) -> bool:
        """Whether its requests are asked online, and no job answers them."""
        return self.deployment == ONLINE_DEPLOYMENT


class OpenAIBatch(Batch):
    """The record of one batch: also how submitting is fenced, and Azure's files."""

    build_id: str | None = Field(default=None, description="the build whose files hold: the one begun last")
    submit_phase: SubmitPhase = SubmitPhase.NONE
    submit_owner: str | None = None
    submit_expires_at: datetime | None = None
    submit_attempts: int = 0
    input_file_id: str | None = Field(default=None, description="transfer by blobs: the name of the blob")
    previous_job_ids: list[str] = Field(default_factory=list)
    cancel_sent_at: datetime | None = None

    restarts: int = Field(default=0, description="lifecycles started again since it last got on")
    restarted_as: BatchStatus | None = None

    output_file_id: str | None = None
    error_file_id: str | None = None
    checks_without_output: int = 0
    stage_attempts: int = 0
    segments: list[str] = Field(default_factory=list, description="blob names of the staged results")

    def public(self) -> Batch:
        """The part that callers see."""
        return Batch.model_construct(**{name: getattr(self, name) for name in Batch.model_fields})
