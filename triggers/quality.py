"""What the checks found in a product's texts."""

from shared.models.content import Candidate, Published
from shared.models.product import Product
from shared.services import Services
from triggers.contract.products import LocaleQuality, QualityAnswer, TextQuality


def product_quality(services: Services, product: Product) -> QualityAnswer:
    """Published and rejected texts by locale, in the configured order."""
    published = {item.locale: item for item in services.contents.served(product.product_id).published}
    tries = {item.part: item for item in services.contents.candidates(product.product_id)}
    return QualityAnswer(
        product_id=product.product_id,
        minimum_score=services.settings.quality_minimum_score,
        locales={
            locale: LocaleQuality(
                published=_published(published[locale]) if locale in published else None,
                rejected=_rejected(tries[locale]) if locale in tries else None,
            )
            for locale in services.settings.locales
            if locale in published or locale in tries
        },
    )


def _published(item: Published) -> TextQuality:
    return TextQuality(
        score=item.score,
        findings=item.findings,
        prompt_version=item.prompt_version,
        batch_id=item.batch_id,
        at=item.generated_at,
        content=item.content.model_dump(),
    )


def _rejected(item: Candidate) -> TextQuality | None:
    if item.content is None or item.score is None:
        return None
    return TextQuality(
        score=item.score,
        findings=item.findings,
        prompt_version=item.prompt_version,
        batch_id=item.batch_id,
        at=item.updated_at,
        content=item.content.model_dump(),
    )
