"""One step of exports to channels in a process of its own, which ends by saying the most memory it held.

    python -m tests.benchmarks.channels.export_step fill|<channel> <products>

Settings come from the environment. Products have texts in two locales.
"""

import sys
import time

from activities.task_steps import finish, work
from shared.channels.channel_export import zip_name
from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.product import Product
from shared.domain.task import ChannelName, Export, TaskKind
from shared.persistence.parallel import map_ordered
from shared.services import Services
from tests.benchmarks.pipeline.material import CATEGORY, catalogue, say
from tests.benchmarks.pipeline.memory_step import peak_megabytes
from tests.channel_items import candidate, published, published_facts

LOCALES = ("en-US", "de-DE")
_CHUNK = 100


def fill(services: Services, products: int) -> None:
    """Store products with identifiers, and texts for each."""
    texts = [(candidate(locale), published(locale)) for locale in LOCALES]
    facts = published_facts()

    def store(product: Product) -> None:
        services.contents.store(product.product_id, texts, facts)

    rows: list[Product] = []
    for number, product in enumerate(catalogue(products), 1):
        specs = {**product.specs, "ID": str(number), "Handle": f"halcyon-{number}"}
        rows.append(product.model_copy(update={"category": CATEGORY, "specs": specs}))
        if len(rows) == _CHUNK or number == products:
            services.products.insert(CATEGORY, rows)
            list(map_ordered(store, rows))
            rows.clear()


def export(services: Services, channel: ChannelName) -> int:
    """Export all products. Returns the size of the zip file in bytes."""
    made = Export(export_id=f"bench-{channel}", created_at=utcnow(), locales=list(LOCALES), channel=channel)
    services.exports.create(made)
    count = work(services, TaskKind.EXPORT, made.export_id, CATEGORY)
    finish(services, TaskKind.EXPORT, made.export_id, count)
    return services.blobs.sizes(made.prefix)[zip_name(made)]


if __name__ == "__main__":
    step, products = sys.argv[1], int(sys.argv[2])
    begun = time.perf_counter()
    size = 0
    if step == "fill":
        fill(get_services(), products)
    else:
        size = export(get_services(), ChannelName(step))
    say(f"{size} {time.perf_counter() - begun:.1f} {peak_megabytes():.1f}")
