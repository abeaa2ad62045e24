"""Which locales a product still needs: the question that selecting and settling both ask."""

from shared.models.product import Product
from shared.storage.contents import Ledger


def needed_locales(locales: tuple[str, ...], product: Product, ledger: Ledger) -> tuple[str, ...]:
    """The locales without published content, or with content written from facts that have changed."""
    return tuple(locale for locale in locales if ledger.published.get(locale) != product.content_hash)
