"""A product on its way to a channel: its catalogue data, identifiers, texts by locale, and HTML bodies."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.channels.channel_text import ChannelText, channel_text
from shared.channels.product_identifiers import Identifiers, descriptive_specs, identifiers_of
from shared.content.content_records import ServedContent
from shared.domain.product import Product


@dataclass(frozen=True)
class ExportItem:
    """A product with the locales that have content, in the order of the export."""

    product: Product
    identifiers: Identifiers
    specs: dict[str, str]
    texts: dict[str, ChannelText]
    served: ServedContent

    @classmethod
    def of(cls, product: Product, served: ServedContent, locales: Sequence[str]) -> "ExportItem":
        """Read what is served of a product."""
        by_locale = {each.locale: each.content for each in served.published}
        facts = served.facts.facts if served.facts else None
        return cls(
            product=product,
            identifiers=identifiers_of(product),
            specs=descriptive_specs(product),
            texts={name: channel_text(name, by_locale[name], facts) for name in locales if name in by_locale},
            served=served,
        )
