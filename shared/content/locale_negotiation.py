"""Chooses the locale to serve, and finds what changed since a time: both for shops that read content."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.product import Product


def choose_locale(wanted: str | None, accept_language: str | None, available: Sequence[str]) -> str | None:
    """Choose the locale to serve among `available`, which are in the configured order.

    `wanted` comes first. Without it, the language tags of the Accept-Language header are tried by preference
    (RFC 9110, section 12.5.4). A tag matches its exact locale, else a locale of the same language. When no
    tag matches, the first available locale is served; None when none is available.
    """
    for tag in [wanted] if wanted else _preferred_tags(accept_language or ""):
        found = _matching_locale(tag, available)
        if found:
            return found
    return available[0] if available else None


def was_updated(product: Product, since: datetime | None) -> bool:
    """Whether the product's facts or texts were written at or after `since`; always true without it."""
    if since is None:
        return True
    return any(at is not None and at >= since for at in (product.openai_processed_at, product.imported_at))


def _matching_locale(tag: str, available: Sequence[str]) -> str | None:
    exact = next((locale for locale in available if locale.lower() == tag.lower()), None)
    language = tag.split("-")[0].lower()
    return exact or next((locale for locale in available if locale.split("-")[0] == language), None)


def _preferred_tags(header: str) -> list[str]:
    """The language tags of an Accept-Language header, most preferred first."""
    weighted: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        weight = parameter.strip().removeprefix("q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag.strip() not in ("", "*") and 0 < quality <= 1:
            weighted.append((quality, tag.strip()))
    return [tag for _, tag in sorted(weighted, key=lambda item: -item[0])]
