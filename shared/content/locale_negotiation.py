"""What a shop front needs to know when it asks for content: which locale to serve, and what has changed."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.product import Product


def choose_locale(wanted: str | None, accept_language: str | None, available: Sequence[str]) -> str | None:
    """The locale to serve of those `available`, which come in the configured order.

    What was asked for by name, else what the Accept-Language header prefers (RFC 9110, section 12.5.4): first
    the very locale, then another of the same language; else the first that is available.
    """
    for tag in [wanted] if wanted else _preferred(accept_language or ""):
        found = _of_language(tag, available)
        if found:
            return found
    return available[0] if available else None


def was_updated(product: Product, since: datetime | None) -> bool:
    """Whether a product's facts or texts were written since a time."""
    if since is None:
        return True
    return any(at is not None and at >= since for at in (product.openai_processed_at, product.imported_at))


def _of_language(tag: str, available: Sequence[str]) -> str | None:
    exact = next((locale for locale in available if locale.lower() == tag.lower()), None)
    language = tag.split("-")[0].lower()
    return exact or next((locale for locale in available if locale.split("-")[0] == language), None)


def _preferred(header: str) -> list[str]:
    """The language tags of an Accept-Language header, the most preferred first."""
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
