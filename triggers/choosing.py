"""Which categories, products and brand a call chooses. A choice that says nothing never means all."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from shared.domain.errors import InvalidRequest, NotFound
from shared.domain.ids import brand_slug, category_slug, is_blank, is_safe_id
from shared.services import Services
from triggers.schemas.common_schemas import MAX_CATEGORIES

_MAX_NAMES_IN_ERROR = 100


def chosen_brand(name: str | None) -> str | None:
    """Return the slug of a brand; None for None, which means any brand.

    Raises:
        InvalidRequest: when the name is blank.
    """
    if name is None:
        return None
    slug = brand_slug(name)
    if not slug:
        raise InvalidRequest("brand: is blank. Name a brand, or leave it out.")
    return slug


def known_categories(services: Services, names: Sequence[str]) -> list[str]:
    """Return the slugs of categories, sorted. Each text is a name or a slug, or several with commas between.

    A text that is the name of a category is that category, whatever commas are in it.

    Raises:
        NotFound: naming the unknown categories.
        InvalidRequest: when there are more than `MAX_CATEGORIES`.
    """
    if len(names) + sum(text.count(",") for text in names) > MAX_CATEGORIES:
        raise InvalidRequest(f"category: name at most {MAX_CATEGORIES}, or leave it out for all.")
    summaries = services.summaries.all() if names else []
    known = {summary.category for summary in summaries}
    by_name: dict[str, set[str]] = defaultdict(set)
    for summary in summaries:
        by_name[_same(summary.name)].add(summary.category)

    def slugs(text: str) -> set[str]:
        return by_name.get(_same(text)) or {category_slug(text)}

    found: set[str] = set()
    for text in names:
        parts = [part for part in text.split(",") if not is_blank(part)]
        whole = slugs(text)
        separated = set().union(*map(slugs, parts)) if parts else whole
        # Of a text that is no category's name, the commas separate; if they do not, they belong to a name.
        found |= whole if _same(text) in by_name or (whole <= known and not separated <= known) else separated
    unknown = sorted(found - known)
    if unknown:
        raise NotFound(
            f"There is no category {', '.join(unknown[:_MAX_NAMES_IN_ERROR])}.",
            known=sorted(known)[:_MAX_NAMES_IN_ERROR],
        )
    return sorted(found)


def _same(name: str) -> str:
    """Return what two spellings of one category's name have in common."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def categories_of(services: Services, product_ids: Sequence[str]) -> list[str]:
    """Return the slugs of the categories of products, sorted.

    Raises:
        NotFound: naming the unknown products.
    """
    claims = {pid: services.contents.claim(pid) if is_safe_id(pid) else None for pid in product_ids}
    unknown = [product_id[:100] for product_id, claim in claims.items() if claim is None]
    if unknown:
        raise NotFound(f"There is no product {', '.join(unknown[:_MAX_NAMES_IN_ERROR])}.")
    return sorted({claim.category for claim in claims.values() if claim is not None})


def chosen_categories(services: Services, names: Sequence[str], product_ids: Sequence[str]) -> list[str]:
    """Return the slugs of the named categories that hold the named products, sorted.

    Without names, these are the products' categories. Without products, these are the named categories.
    Returns an empty list for all categories, when neither is given.

    Raises:
        NotFound: naming the unknown categories or products.
        InvalidRequest: when none of the named products is in a named category.
    """
    categories = known_categories(services, names)
    if not product_ids:
        return categories
    of_products = categories_of(services, product_ids)
    chosen = [slug for slug in of_products if slug in categories] if categories else of_products
    if not chosen:
        raise InvalidRequest(
            f"None of the products is in {', '.join(categories)}: they are in {', '.join(of_products)}. "
            "Name those categories, or leave the categories out."
        )
    return chosen
