"""What a preview answers: each locale by itself, asked for side by side."""

import asyncio

from shared.models.product import Product
from shared.online import OnlineAnswer, OnlineGenerator
from shared.services import Services
from shared.settings import Settings
from triggers.contract.products import LocalePreview, PreviewAnswer


async def preview(services: Services, product: Product, locales: tuple[str, ...]) -> PreviewAnswer:
    """Generate a product in `locales` (none: the first configured one), a call each."""
    settings = services.settings
    wanted = locales or settings.locales[:1]
    generator = OnlineGenerator(settings)
    answers = await asyncio.gather(
        *(asyncio.to_thread(generator.generate, product, (locale,)) for locale in wanted)
    )
    return PreviewAnswer(
        product_id=product.product_id,
        model=answers[0].model,
        locales={locale: _in_short(locale, answer) for locale, answer in zip(wanted, answers, strict=True)},
        cost=round(sum(_cost(settings, answer) for answer in answers), 6),
    )


def _cost(settings: Settings, answer: OnlineAnswer) -> float:
    return settings.cost_of(answer.prompt_tokens, answer.completion_tokens, model=answer.model)


def _in_short(locale: str, answer: OnlineAnswer) -> LocalePreview:
    content = answer.verdict.contents.get(locale)
    return LocalePreview(
        outcome=answer.verdict.outcome,
        reason=answer.verdict.reason,
        content=content.model_dump() if content else None,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
    )
