"""Every setting of the app, read once from the environment.

`docs/settings.md` explains each; `local.settings.json.example` holds all of them.
"""

from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.content.locales import LOCALES
from shared.content.quality.limits import DEFAULT_LIMITS, QualityLimits
from shared.content.response_schema import largest_group
from shared.content.sizes import worst_case_tokens
from shared.errors import SettingsError
from shared.models.batch import TransferMode
from shared.stores.registry import stores

PairList = Annotated[dict[str, str], NoDecode]
CommaList = Annotated[tuple[str, ...], NoDecode]

_MOST_FILE_BYTES = 200_000_000
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class Settings(BaseSettings):
    """The settings, by the names of their environment variables in lower case."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    # Azure OpenAI
    azure_openai_endpoint: str = Field(description="https://<resource>.openai.azure.com")
    azure_openai_deployment_name: str = Field(min_length=1, description="name of the batch deployment")
    azure_openai_online_deployment_name: str | None = None
    openai_api_key: SecretStr = SecretStr("")
    azure_openai_api_version: str = Field(default="v1", pattern=r"^(v1|\d{4}-\d{2}-\d{2}(-preview)?)$")
    azure_openai_token_scope: str = "https://cognitiveservices.azure.com/.default"  # noqa: S105 - a scope
    completion_window: Literal["24h"] = "24h"
    request_url: Literal["/v1/chat/completions", "/chat/completions"] = "/v1/chat/completions"
    transfer_mode: TransferMode = TransferMode.FILES

    # Storage
    storage_connection_string: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("STORAGE_CONNECTION_STRING", "AzureWebJobsStorage"),
    )
    storage_account_name: str | None = None
    blob_container: str = Field(default="batch-files", pattern=r"^[a-z0-9](-?[a-z0-9]){2,62}$")
    table_prefix: str = Field(default="", pattern=r"^([A-Za-z][A-Za-z0-9]{0,19})?$")

    # Who may call
    api_keys: CommaList = ()
    read_api_keys: CommaList = ()
    allow_no_api_key: bool = False

    # Generation
    locales: CommaList = LOCALES
    locales_per_request: int = Field(default=1, ge=1)
    max_tokens: int = Field(default=4000, ge=256, le=128_000)
    temperature: float = Field(default=0.7, ge=0, le=2)
    model_kind: Literal["chat", "reasoning"] = "chat"
    max_attempts: int = Field(default=3, ge=1, le=10)
    retry_delay_seconds: int = Field(default=3600, ge=1)

    # Quality: where a warning begins and an error, and the score that a text must reach
    quality_minimum_score: int = Field(default=70, ge=0, le=100)
    quality_unsourced_numbers: int = Field(default=DEFAULT_LIMITS.unsourced_numbers, ge=1)
    quality_language_margin: float = Field(default=DEFAULT_LIMITS.language_margin, ge=0, le=1)
    quality_similarity: float = Field(default=DEFAULT_LIMITS.similarity, ge=50, le=100)
    quality_fullness: float = Field(default=DEFAULT_LIMITS.fullness_warning, ge=0, le=1)

    # Limits of one batch file, below Azure's own (100,000 requests; 200 MB, or 1 GB as a blob)
    max_requests_per_file: int = Field(default=50_000, ge=1, le=100_000)
    max_bytes_per_file: int = Field(default=150_000_000, ge=100_000, le=1_000_000_000)
    max_tokens_per_file: int = Field(default=50_000_000, ge=10_000)
    input_file_expiry_seconds: int = Field(default=1_209_600, ge=1_209_600, le=2_592_000)
    segment_bytes: int = Field(default=8_000_000, ge=10_000)

    # Waiting
    poll_initial_seconds: int = Field(default=60, ge=1)
    poll_max_seconds: int = Field(default=900, ge=1)
    submit_grace_seconds: int = Field(default=60, ge=1)
    submit_lease_seconds: int = Field(default=900, ge=10)
    quota_backoff_seconds: int = Field(default=60, ge=1)
    quota_backoff_max_seconds: int = Field(default=1800, ge=1)

    # Catalogue and housekeeping
    max_discontinued_share: float = Field(default=0.5, ge=0, le=1)
    nightly_category_limit: int = Field(default=0, ge=0)
    retention_days: int = Field(default=30, ge=1)
    signed_url_minutes: int = Field(default=15, ge=1, le=60)
    notification_url: SecretStr = SecretStr("")

    # Links (see shared/stores/registry.json)
    affiliate_ids: PairList = Field(default_factory=dict, description="store=id or host=id, with commas")

    # Money (USD) and quota; 0 = no cap, no limit of ours
    max_run_cost: float = Field(default=0, ge=0)
    max_month_cost: float = Field(default=0, ge=0)
    enqueued_token_limit: int = Field(default=0, ge=0)
    file_limit: int = Field(default=9_000, ge=3, le=10_000)

    # Prices in USD per million tokens, used for the cost that batches and runs report
    price_input_per_million: float = Field(default=1.0, ge=0)
    price_output_per_million: float = Field(default=4.0, ge=0)

    @field_validator("api_keys", "read_api_keys", "locales", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("affiliate_ids", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        pairs = [part.partition("=") for part in parts]
        if not all(name.strip() and sign and number.strip() for name, sign, number in pairs):
            raise ValueError("must be pairs such as thomann=123,amazon.de=shop-21")
        return {name.strip(): number.strip() for name, _, number in pairs}

    @field_validator("azure_openai_endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        value = value.rstrip("/")
        # Azure takes TLS only; plain HTTP is for an emulator on this machine.
        if not value.startswith(("https://", *_LOOPBACK)):
            raise ValueError("must be https://<resource>.openai.azure.com (http only for 127.0.0.1)")
        if value.endswith(("/openai", "/openai/v1")):
            raise ValueError("must end after the host name, without /openai")
        return value

    @field_validator("locales")
    @classmethod
    def _known_locales(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [locale for locale in value if locale not in LOCALES]
        if unknown or not value or len(set(value)) != len(value):
            raise ValueError(f"must be some of {', '.join(LOCALES)}, each once")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not self.storage_connection_string.get_secret_value() and not self.storage_account_name:
            raise ValueError(
                "STORAGE_CONNECTION_STRING (or AzureWebJobsStorage) or STORAGE_ACCOUNT_NAME must be set"
            )
        if not self.api_keys and not self.allow_no_api_key:
            raise ValueError("API_KEYS must hold at least one key (ALLOW_NO_API_KEY=true for local use only)")
        if set(self.api_keys) & set(self.read_api_keys):
            raise ValueError("READ_API_KEYS must not hold a key of API_KEYS: a key either operates or reads")
        known = {*stores(), *(host for store in stores().values() for host in store.hosts)}
        unknown = sorted(set(self.affiliate_ids) - known)
        if unknown:
            raise ValueError(f"AFFILIATE_IDS: {', '.join(unknown)} is no store or host of the registry")
        notify = self.notification_url.get_secret_value()
        if notify and not notify.startswith(("https://", *_LOOPBACK)):
            raise ValueError("NOTIFICATION_URL must begin with https:// (http only for 127.0.0.1)")
        if self.locales_per_request > largest_group():
            raise ValueError(
                f"LOCALES_PER_REQUEST must be at most {largest_group()}: "
                "Azure allows 100 object properties in a response schema"
            )
        if self.enqueued_token_limit and self.max_tokens_per_file * 1.05 > self.enqueued_token_limit:
            raise ValueError(
                "MAX_TOKENS_PER_FILE must be at most 95 % of ENQUEUED_TOKEN_LIMIT: "
                "a file that needs more would wait for ever"
            )
        longest = max(worst_case_tokens(group) for group in self.locale_groups)
        if longest > self.max_tokens:
            raise ValueError(
                f"MAX_TOKENS must be at least {longest}: the longest valid answer for "
                f"LOCALES_PER_REQUEST={self.locales_per_request} takes that many"
            )
        if self.poll_max_seconds < self.poll_initial_seconds:
            raise ValueError("POLL_MAX_SECONDS must not be below POLL_INITIAL_SECONDS")
        return self

    @model_validator(mode="after")
    def _fits_a_file(self) -> Self:
        if self.transfer_mode == TransferMode.FILES and self.max_bytes_per_file > _MOST_FILE_BYTES:
            raise ValueError("MAX_BYTES_PER_FILE must be at most 200000000 with TRANSFER_MODE=files")
        return self

    @property
    def locale_groups(self) -> tuple[tuple[str, ...], ...]:
        """The configured locales, cut into the groups that share one request."""
        step = self.locales_per_request
        return tuple(self.locales[i : i + step] for i in range(0, len(self.locales), step))

    @property
    def quality_limits(self) -> QualityLimits:
        """The thresholds of the checks."""
        return QualityLimits(
            unsourced_numbers=self.quality_unsourced_numbers,
            language_margin=self.quality_language_margin,
            similarity=self.quality_similarity,
            fullness_warning=self.quality_fullness,
        )

    def cost_of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """USD at the configured batch prices."""
        return (
            prompt_tokens * self.price_input_per_million + completion_tokens * self.price_output_per_million
        ) / 1_000_000


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: naming each wrong setting, what it expects, and never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_input=False, include_url=False):
            name = str(problem["loc"][0]).upper() if problem["loc"] else ""
            expected = (
                Settings.model_fields[name.lower()].description
                if name.lower() in Settings.model_fields
                else None
            )
            hint = f" (expected: {expected})" if expected else ""
            lines.append(
                f"  {name + ': ' if name else ''}{problem['msg'].removeprefix('Value error, ')}{hint}"
            )
        raise SettingsError(
            "The app cannot start; these settings are missing or wrong:\n"
            + "\n".join(lines)
            + "\nSet them in the environment or in local.settings.json; docs/settings.md explains each."
        ) from None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings, read at the first call."""
    return load_settings()
