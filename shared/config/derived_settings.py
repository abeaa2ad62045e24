"""What follows from the settings: groups of locales, limits, prices, and the settings of each deployment."""

from typing import Self

from shared.config.prices import price_of
from shared.config.settings_fields import SettingsFields
from shared.content.quality.limits import QualityLimits
from shared.content.worst_case_tokens import locales_that_fit, longest_plan
from shared.domain.batch import DEFAULT_DEPLOYMENT, Batch


class DerivedSettings(SettingsFields):
    """The fields, and the values that are computed from them."""

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
