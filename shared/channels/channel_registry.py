"""Every channel by its name."""

from collections.abc import Mapping

from shared.channels.channel import Channel
from shared.channels.google_merchant import GOOGLE_MERCHANT
from shared.channels.json_ld import JSON_LD
from shared.channels.plain_files import PLAIN_CSV, PLAIN_JSONL
from shared.channels.shopify import SHOPIFY
from shared.channels.woocommerce import WOOCOMMERCE
from shared.channels.xliff import XLIFF
from shared.domain.task import ChannelName

CHANNELS: Mapping[ChannelName, Channel] = {
    ChannelName.PLAIN_CSV: PLAIN_CSV,
    ChannelName.PLAIN_JSONL: PLAIN_JSONL,
    ChannelName.SHOPIFY: SHOPIFY,
    ChannelName.WOOCOMMERCE: WOOCOMMERCE,
    ChannelName.GOOGLE_MERCHANT: GOOGLE_MERCHANT,
    ChannelName.JSON_LD: JSON_LD,
    ChannelName.XLIFF: XLIFF,
}
