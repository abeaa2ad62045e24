"""Runs 200 real products through all steps: tokens per product, outcomes, findings and scores.

python -m pytest -m benchmark -s tests/benchmarks/content/test_catalogue.py

The emulator writes the texts, so the results tell about prompts, schema and checks, but not about a model.
"""

import os
from collections import Counter, defaultdict
from pathlib import Path

import orjson
import pytest

from activities import run_steps
from shared.batching.preparation import prepare
from shared.catalogue.importer import Importer
from shared.config.settings import Settings
from shared.content.document import build_document
from shared.content.locales import LOCALES
from shared.domain import clock
from shared.domain.run import Run
from tests.unit.content.real_data import real_rows
from tests.world import World, make_world

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

PRODUCTS = 200
# A folder to write some documents to, for reading.
KEEP = os.environ.get("KEEP_DOCUMENTS")


def test_two_hundred_real_products(storage_settings: Settings, tmp_path: Path) -> None:
    rows = [product for product in real_rows() if product.category]
    products = [product.with_hashes() for product in rows[::5][:PRODUCTS]]
    as_deployed = storage_settings.model_copy(update={"locales_per_request": 0})
    with make_world(as_deployed, tmp_path) as world:
        importer = Importer(world.services.products, world.services.contents)
        for product in products:
            world.services.summaries.announce(product.category, product.category_name)
            importer.store(product)
        world.services.runs.create(Run(run_id="r", created_at=clock.utcnow()))
        assert run_steps.enter(world.services, "r")
        outcomes: Counter[str] = Counter()
        tokens = Counter[str]()
        for category in sorted({product.category for product in products}):
            prepared = prepare(world.services, "r", category, 0, 0)
            assert prepared["batch_id"]
            batch = world.drive(prepared["batch_id"])
            outcomes.update(batch.counts.by_outcome)
            tokens.update(input=batch.prompt_tokens, output=batch.completion_tokens)
        _report(world, [product.product_id for product in products], outcomes, tokens)
        for product in products[:: PRODUCTS // 3][:3] if KEEP else ():
            document = build_document(product, world.services.contents.served(product.product_id), LOCALES)
            path = Path(str(KEEP)) / f"{product.product_id}.json"
            path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))


def _report(world: World, ids: list[str], outcomes: Counter[str], tokens: Counter[str]) -> None:
    scores: list[int] = []
    reasons: dict[str, int] = defaultdict(int)
    for product_id in ids:
        served = world.services.contents.served(product_id)
        scores += [item.score for item in served.published]
        for candidate in world.services.contents.candidates(product_id):
            for finding in candidate.findings:
                reasons[f"{finding.severity} {finding.rule}"] += 1
        for item in served.published:
            for finding in item.findings:
                reasons[f"{finding.severity} {finding.rule}"] += 1
    scores.sort()
    charged = world.emulator.ledger()
    print(  # noqa: T201
        f"\n{len(ids)} products: {dict(outcomes)}; "
        f"{tokens['input'] / len(ids):,.0f} input and {tokens['output'] / len(ids):,.0f} output tokens each; "
        f"score {scores[0]} to {scores[-1]}, median {scores[len(scores) // 2]}; findings {dict(reasons)}"
    )
    assert sum(outcomes.values()) == charged["requests"]["charged"]
