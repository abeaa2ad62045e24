"""The content document of a product: the model's texts together with the data of the catalogue.

The model's texts are under `ai_generated_content` and `qa`, by locale. Everything else comes from the
catalogue or is computed. Parts that a text does not have are left out. Unknown values of the catalogue, and
locales without content, are null.
"""

from collections.abc import Sequence
from typing import Any

from shared.content.content_records import PublishedContent, ServedContent
from shared.content.product_facts import ProductFacts
from shared.content.sections import LocaleContent
from shared.content.word_counts import seo_keywords, word_count
from shared.domain.product import Product, ProductImage
from shared.retailers.product_urls import servable
from shared.retailers.registry import stores

IMAGES = ("front_view", "back_view", "official_image")
# The section and key of each fact in a locale's texts.
FACT_PLACES = {
    "skill_level": ("basic_info", "skill_level"),
    "best_genres": ("technical_analysis", "best_genres"),
}


def build_document(product: Product, served: ServedContent, locales: Sequence[str]) -> dict[str, Any]:
    """The document in JSON-compatible values."""
    by_locale = {item.locale: item for item in served.published}
    facts = served.facts.facts if served.facts else None
    contents = {locale: by_locale[locale].content if locale in by_locale else None for locale in locales}
    return {
        "product_input": _product_input(product),
        "images": {key: _image(product.images.get(key) or ProductImage()) for key in IMAGES},
        "ai_generated_content": {
            locale: _with_facts(content, facts) if content else None for locale, content in contents.items()
        },
        "customer_reviews": product.customer_reviews,
        "content_metadata": _metadata(product, served.published, facts, locales),
        "qa": {
            locale: [item.model_dump() for item in content.qa] if content else None
            for locale, content in contents.items()
            if content is None or content.qa
        },
    }


def present_parts(content: LocaleContent) -> dict[str, Any]:
    """The texts of a locale in JSON-compatible values, without the parts that it does not have."""
    return dict(_without_absent(content.model_dump()))


def _with_facts(content: LocaleContent, facts: ProductFacts | None) -> dict[str, Any]:
    """The sections of a locale, each with its facts, which are the same in every language."""
    known: dict[str, Any] = facts.model_dump(mode="json") if facts else {}
    sections = content.model_dump(exclude={"qa"})
    for name, (section, key) in FACT_PLACES.items():
        sections[section][key] = known.get(name)
    return dict(_without_absent(sections))


def _without_absent(value: Any) -> Any:
    """A value without what is null or empty in it, at any depth."""
    if not isinstance(value, dict):
        return value
    parts = {key: _without_absent(part) for key, part in value.items()}
    return {key: part for key, part in parts.items() if part not in (None, "", [], {})}


def _product_input(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "name": product.name,
        "slug": product.slug,
        "brand": product.brand or None,
        "category": product.category_name or None,
        "description": product.description or None,
        "msrp_price": product.msrp_price,
        "currency": product.currency,
        "url_source": servable(product.url_source),
        "image_uri": servable(product.image_uri),
        "specs": product.specs,
        "store_links": {
            store: {"product_url": servable(product.store_links.get(store)), "ref_id": None}
            for store in stores()
        },
    }


def _image(image: ProductImage) -> dict[str, Any]:
    return {
        "source": image.source,
        "page_url": servable(image.page_url),
        "image_url": servable(image.image_url),
    }


def _metadata(
    product: Product,
    published: Sequence[PublishedContent],
    facts: ProductFacts | None,
    locales: Sequence[str],
) -> dict[str, Any]:
    return {
        "machine_made": bool(published),
        # The product's score is that of its weakest text.
        "score": min((item.score for item in published), default=None),
        "locales": {
            item.locale: {
                "model": item.model,
                "prompt_version": item.prompt_version,
                "batch_id": item.batch_id,
                "generated_at": item.generated_at.isoformat(),
                "prompt_tokens": item.prompt_tokens,
                "completion_tokens": item.completion_tokens,
                "request_parts": item.request_parts,
                "cost": round(item.cost, 6),
                "score": item.score,
                "plan": item.plan.model_dump(mode="json", exclude={"family"}) if item.plan else None,
                "words": word_count(item.content),
                "seo_keywords": seo_keywords(product.name, item.content),
                "up_to_date": item.content_hash == product.content_hash,
            }
            for item in published
        },
        # The words of the record that the facts rest on.
        "facts_basis": {
            name: basis for name in FACT_PLACES if facts and (basis := getattr(facts, f"{name}_basis"))
        },
        "missing_locales": [
            locale for locale in locales if locale not in {item.locale for item in published}
        ],
    }
