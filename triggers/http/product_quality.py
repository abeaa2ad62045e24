"""The findings of the quality checks in a product's texts."""

from datetime import datetime

from shared.content.content_records import Candidate, PublishedContent
from shared.content.document import present_parts
from shared.content.sections import LocaleContent
from shared.domain.product import Product
from shared.services import Services
from triggers.schemas.product_schemas import LocaleQuality, QualityResponse, TextQuality


def product_quality(services: Services, product: Product) -> QualityResponse:
    """Return the published and the rejected text of each locale, in the configured order of locales."""
    served = services.contents.served(product.product_id)
    candidates = services.contents.candidates(product.product_id)
    published = {item.locale: item for item in served.published}
    tries = {item.part: item for item in candidates}
    return QualityResponse(
        product_id=product.product_id,
        minimum_score=services.settings.quality_minimum_score,
        locales={
            locale: LocaleQuality(
                published=_published(published.get(locale)),
                rejected=_rejected(tries.get(locale)),
            )
            for locale in services.settings.locales
            if locale in published or locale in tries
        },
        unreadable=[*served.unreadable, *(row.id for row in candidates.unreadable)],
    )


def _published(item: PublishedContent | None) -> TextQuality | None:
    return None if item is None else _quality(item, item.content, item.score, item.generated_at)


def _rejected(item: Candidate | None) -> TextQuality | None:
    if item is None or item.content is None or item.score is None:
        return None
    return _quality(item, item.content, item.score, item.updated_at)


def _quality(
    item: PublishedContent | Candidate, content: LocaleContent, score: int, at: datetime
) -> TextQuality:
    return TextQuality(
        score=score,
        findings=item.findings,
        prompt_version=item.prompt_version,
        batch_id=item.batch_id,
        at=at,
        content=present_parts(content),
    )
