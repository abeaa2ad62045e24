"""The fields of the settings, each validated by itself. `settings.py` adds the rules between them.

`docs/settings.md` explains each; `local.settings.json.example` holds all of them.
"""

from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.config.category_families import read_category_families
from shared.config.deployments import Deployment, read_deployments
from shared.config.loopback import LOOPBACK
from shared.config.prices import DEFAULTS, Price, price_of, read_prices
from shared.content.families import Family
from shared.content.locales import LOCALES
from shared.content.quality.findings import Severity
from shared.content.quality.limits import DEFAULT_LIMITS, QualityLimits
from shared.content.reader_kinds import DEFAULT_SEVERITIES, ReaderKind, read_severities
from shared.content.worst_case_tokens import locales_that_fit, longest_plan
from shared.domain.batch import DEFAULT_DEPLOYMENT, Batch, TransferMode

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

    # Catalogue and housekeeping
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
        if not value.startswith(("https://", *LOOPBACK)):
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

    @property
    def locale_groups(self) -> tuple[tuple[str, ...], ...]:
        """The configured locales in groups that share one request, for the fullest record."""
        fitting = locales_that_fit(self.locales, longest_plan(), self.max_tokens)
        step = self.locales_per_request or fitting
        return tuple(self.locales[i : i + step] for i in range(0, len(self.locales), step))

    @property
    def quality_limits(self) -> QualityLimits:
        """The thresholds of the quality checks."""
        return QualityLimits(
            unsourced_numbers=self.quality_unsourced_numbers,
            language_margin=self.quality_language_margin,
            similarity=self.quality_similarity,
            fullness_warning=self.quality_fullness,
        )

    @property
    def batch_model(self) -> str:
        """The model of the batch deployment; by default the deployment is taken to be named after it."""
        return self.azure_openai_model or self.azure_openai_deployment_name

    @property
    def price_note(self) -> str | None:
        """Why costs are not known and what to do, or None if they are."""
        if price_of(self.model_prices, self.batch_model):
            return None
        return (
            f"no price is known for the model {self.batch_model}. Set AZURE_OPENAI_MODEL to the model of the "
            f"deployment, or its price: MODEL_PRICES={self.batch_model}=<input>/<cached input>/<output>"
        )

    def by_deployment(self) -> dict[str, Self]:
        """The settings for each batch deployment, by the name that is stored in batches."""
        further = {each.name: self.model_copy(update=each.changes()) for each in self.more_deployments}
        return {DEFAULT_DEPLOYMENT: self, **further}

    def for_online_calls(self) -> Self:
        """The settings for online calls: their deployment, its model and its prices."""
        factor = self.online_price_factor
        changes = {
            "azure_openai_deployment_name": self.azure_openai_online_deployment_name,
            "azure_openai_model": self.azure_openai_online_model or self.batch_model,
            "model_prices": {model: price.times(factor) for model, price in self.model_prices.items()},
        }
        return self.model_copy(update=changes)

    def priced_for(self, batch: Batch) -> Self:
        """The settings with the prices at which a batch reserves, counts and settles its cost."""
        return self.for_online_calls() if batch.is_online else self

    def cost_of(
        self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0, model: str = ""
    ) -> float:
        """The cost in USD at the price of `model`, the model that answered, or else of `batch_model`.

        0 if no price is known: `price_note` then says so, and caps on money are refused at the start.
        """
        price = price_of(self.model_prices, model) or price_of(self.model_prices, self.batch_model)
        return price.of(prompt_tokens, completion_tokens, cached_tokens) if price else 0.0
