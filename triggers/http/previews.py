"""What a preview answers: each locale by itself, asked for side by side."""

import asyncio
from collections.abc import Mapping

from shared.config.settings import Settings
from shared.content.document import present_parts
from shared.content.planning import plan_content
from shared.content.quality import Assessment, check_content
from shared.content.sections import LocaleContent
from shared.domain.product import Product
from shared.openai_batch.online_preview import OnlineAnswer, OnlineGenerator
from shared.services import Services
from triggers.schemas.product_schemas import LocalePreview, PreviewAnswer


async def preview(services: Services, product: Product, locales: tuple[str, ...]) -> PreviewAnswer:
    """Generate a product in `locales` (none: the first configured one), a call each."""
    settings = services.settings
    wanted = locales or settings.locales[:1]
    generator = OnlineGenerator(settings)
    # Facts are asked with the first locale, as a batch does.
    answers = await asyncio.gather(
        *(
            asyncio.to_thread(generator.generate, product, (locale,), facts=number == 0)
            for number, locale in enumerate(wanted)
        )
    )
    texts = {locale: text for answer in answers for locale, text in answer.verdict.contents.items()}
    facts = answers[0].verdict.facts
    return PreviewAnswer(
        product_id=product.product_id,
        model=answers[0].model,
        facts=facts.model_dump(mode="json") if facts else None,
        locales={
            locale: _in_short(locale, answer, _assessed(settings, product, locale, texts))
            for locale, answer in zip(wanted, answers, strict=True)
        },
        cost=round(sum(_cost(settings, answer) for answer in answers), 6),
    )


def _cost(settings: Settings, answer: OnlineAnswer) -> float:
    online = settings.for_online_calls()
    return online.cost_of(answer.prompt_tokens, answer.completion_tokens, model=answer.model)


def _assessed(
    settings: Settings, product: Product, locale: str, texts: Mapping[str, LocaleContent]
) -> Assessment | None:
    if locale not in texts:
        return None
    limits, plan = settings.quality_limits, plan_content(product)
    return check_content(product, locale, texts[locale], texts, limits=limits, plan=plan)


def _in_short(locale: str, answer: OnlineAnswer, assessment: Assessment | None) -> LocalePreview:
    content = answer.verdict.contents.get(locale)
    return LocalePreview(
        outcome=answer.verdict.outcome,
        reason=answer.verdict.reason,
        score=assessment.score if assessment else None,
        findings=list(assessment.findings) if assessment else [],
        content=present_parts(content) if content else None,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
    )
