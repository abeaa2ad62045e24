"""The fields of the settings, each validated by itself. `derived_settings.py` adds what follows from them.

`docs/settings.md` explains each; `local.settings.json.example` holds all of them.
"""

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.config.category_families import read_category_families
from shared.config.deployments import Deployment, read_deployments
from shared.config.prices import DEFAULTS, Price, read_prices
from shared.content.families import Family
from shared.content.locales import LOCALES
from shared.content.quality.findings import Severity
from shared.content.quality.limits import DEFAULT_LIMITS
from shared.content.reader_kinds import DEFAULT_SEVERITIES, ReaderKind, read_severities
from shared.domain.batch import TransferMode
from shared.domain.web_address import is_secure

PairList = Annotated[dict[str, str], NoDecode]
CommaList = Annotated[tuple[str, ...], NoDecode]


class SettingsFields(BaseSettings):
    """The settings, each named like its environment variable in lower case."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    # Azure OpenAI
    azure_openai_endpoint: str = Field(description="https://<resource>.openai.azure.com")
    azure_openai_deployment_name: str = Field(min_length=1, description="name of the batch deployment")
    azure_openai_online_deployment_name: str | None = None
    azure_openai_model: str | None = Field(default=None, description="model of the batch deployment")
    openai_api_key: SecretStr = SecretStr("")
    azure_openai_api_version: str = Field(default="v1", pattern=r"^(v1|\d{4}-\d{2}-\d{2}(-preview)?)$")
    azure_openai_token_scope: str = "https://cognitiveservices.azure.com/.default"  # noqa: S105 - a scope
    completion_window: Literal["24h"] = "24h"
    request_url: Literal["/v1/chat/completions", "/chat/completions"] = "/v1/chat/completions"
    more_deployments: Annotated[tuple[Deployment, ...], NoDecode] = ()
    deployment_pause_seconds: int = Field(default=3600, ge=1)
    transfer_mode: TransferMode = TransferMode.FILES
    openai_webhook_secret: SecretStr = SecretStr("")

    # Online calls for the last few requests of a run
    azure_openai_online_model: str | None = Field(default=None, description="model of the online deployment")
    straggler_max_requests: int = Field(default=0, ge=0, le=1000)
    wait_cost_per_hour: float = Field(default=0, ge=0)
    online_price_factor: float = Field(default=2, ge=1, le=10)
    online_requests_per_minute: int = Field(default=60, ge=1, le=10_000)
    online_concurrent_calls: int = Field(default=4, ge=1, le=32)

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
    read_keys_may_export: bool = False

    # Generation
    locales: CommaList = LOCALES
    locales_per_request: int = Field(
        default=0, ge=0, le=len(LOCALES), description="0: as many as fit into MAX_TOKENS"
    )
    thin_records: Literal["write", "refuse"] = "write"
    max_tokens: int = Field(default=16_000, ge=256, le=128_000)
    temperature: float = Field(default=0.7, ge=0, le=2)
    model_kind: Literal["chat", "reasoning"] = "chat"
    max_attempts: int = Field(default=3, ge=1, le=10)
    retry_delay_seconds: int = Field(default=3600, ge=1)

    category_families: Annotated[dict[str, Family], NoDecode] = Field(
        default_factory=dict, description="category=family, with commas"
    )

    # Quality: thresholds of warnings and errors, and the score that a text must reach
    quality_minimum_score: int = Field(default=70, ge=0, le=100)
    quality_unsourced_numbers: int = Field(default=DEFAULT_LIMITS.unsourced_numbers, ge=1)
    quality_language_margin: float = Field(default=DEFAULT_LIMITS.language_margin, ge=0, le=1)
    quality_similarity: float = Field(default=DEFAULT_LIMITS.similarity, ge=50, le=100)
    quality_fullness: float = Field(default=DEFAULT_LIMITS.fullness_warning, ge=0, le=1)

    # The second reader: the severity of what it finds, by kind
    verification_kinds: Annotated[dict[ReaderKind, Severity], NoDecode] = Field(
        default_factory=lambda: dict(DEFAULT_SEVERITIES)
    )

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

    # Catalogue and clean-up
    max_discontinued_share: float = Field(default=0.5, ge=0, le=1)
    nightly_category_limit: int = Field(default=0, ge=0)
    retention_days: int = Field(default=30, ge=1)
    signed_url_minutes: int = Field(default=15, ge=1, le=60)
    notification_url: SecretStr = SecretStr("")

    # Files for shops, see docs/channels.md
    body_template: str = Field(default="", description="file of a Jinja template for HTML bodies")
    woocommerce_published: Literal["", "published", "pending", "draft"] = ""

    # Links (see shared/retailers/registry.json)
    affiliate_ids: PairList = Field(default_factory=dict, description="store=id or host=id, with commas")

    # Money (USD) and quota; 0 means no cap or limit
    max_run_cost: float = Field(default=0, ge=0)
    max_month_cost: float = Field(default=0, ge=0)
    enqueued_token_limit: int = Field(default=0, ge=0)
    file_limit: int = Field(default=9_000, ge=3, le=10_000)

    model_prices: Annotated[dict[str, Price], NoDecode] = Field(default_factory=lambda: dict(DEFAULTS))

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

    @field_validator("category_families", mode="before")
    @classmethod
    def _families(cls, value: object) -> object:
        return read_category_families(value) if isinstance(value, str) else value

    @field_validator("more_deployments", mode="before")
    @classmethod
    def _deployments(cls, value: object) -> object:
        return read_deployments(value) if isinstance(value, str) else value

    @field_validator("model_prices", mode="before")
    @classmethod
    def _prices(cls, value: object) -> object:
        return read_prices(value) if isinstance(value, str) else value

    @field_validator("verification_kinds", mode="before")
    @classmethod
    def _severities(cls, value: object) -> object:
        return read_severities(value) if isinstance(value, str) else value

    @field_validator("azure_openai_endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        value = value.rstrip("/")
        # Azure accepts only TLS. Plain HTTP is for an emulator on this machine.
        if not is_secure(value):
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
