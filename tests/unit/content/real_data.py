"""Real answers and catalogue rows in `../shared`, read in place. Tests are skipped where it is absent."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from shared.content.text_fields import TextField
from shared.domain.product import Product
from shared.openai_batch.result_lines import read_result_line
from tests.conftest import shared_file

Json = dict[str, Any]

SECTIONS = (
    "basic_info", "technical_analysis", "purchase_decision", "usage_guidance", "maintenance_care",
    "professional_assessment",
)  # fmt: skip


@dataclass(frozen=True)
class RealAnswer:
    """One answer that gpt-4.1 wrote without a schema: the product and its sections by locale."""

    product: Product
    locales: dict[str, Json]

    def fields(self, locale: str) -> tuple[TextField, ...]:
        """The six sections as fields for the checks, one text each."""
        return tuple(TextField(name, self.locales[locale][name]) for name in SECTIONS)

    def reviews(self, locale: str) -> TextField:
        """The customer reviews that the model invented."""
        return TextField("customer_reviews", self.locales[locale]["customer_reviews"])


@lru_cache(maxsize=1)
def real_lines() -> list[bytes]:
    return shared_file("azure-batch-samples/results-6.jsonl").read_bytes().splitlines()


@lru_cache(maxsize=1)
def real_answers() -> list[RealAnswer]:
    return [_answer(orjson.loads(read_result_line(raw).text)) for raw in real_lines()]


def localised(text: str) -> Json:
    """The locales of an answer, whose place differs between answers."""
    answer = orjson.loads(text)
    product = answer.get("product", answer)
    return dict(product.get("localized_content") or product["localization"])


def _answer(answer: Json) -> RealAnswer:
    row = answer.get("product", answer)
    # Name, description and price repeat the record that was sent. What the model added is left out.
    product = real_product(row["sku"], row["name"], row["brand"], row["category"], row["description"])
    product = product.model_copy(update={"msrp_price": row["msrp_price"], "currency": "GBP"})
    return RealAnswer(product, dict(row.get("localized_content") or row["localization"]))


def real_product(sku: str, name: str, brand: str, category: str, description: str) -> Product:
    return Product(
        product_id=sku,
        sku=sku,
        name=name,
        slug=sku,
        brand=brand,
        category=category,
        category_name=category,
        description=description,
    )


@lru_cache(maxsize=1)
def real_rows() -> list[Product]:
    """The 1,200 rows of a scraped catalogue."""
    with shared_file("catalogue/instruments-1200.csv").open(encoding="utf-8", newline="") as file:
        return [
            real_product(row["sku"], row["name"], row["brand"], row["category"], row["description"])
            for row in csv.DictReader(file)
        ]


def rich_answers() -> list[tuple[Product, tuple[TextField, ...]]]:
    """Six English answers in a richer format, with the products that they describe."""
    data = orjson.loads(shared_file("azure-batch-samples/rich-content-6.json").read_bytes())
    answers = []
    for item in data["comprehensive_product_dataset"]:
        row = item["product_input"]
        product = real_product(row["sku"], row["name"], row["brand"], row["category"], row["description"])
        specs = {key: str(value) for key, value in row["specifications"].items()}
        product = product.model_copy(update={"specs": specs, "msrp_price": row["msrp_price"]})
        texts = {name: item["ai_generated_content"][name] for name in SECTIONS}
        # Single values (ratings, levels) are facts, not texts.
        leaves = [leaf for leaf in _leaves(texts, "") if " " in leaf.text or "." not in leaf.path]
        answers.append((product, tuple(leaves)))
    return answers


def _leaves(value: Any, path: str) -> list[TextField]:
    if isinstance(value, dict):
        return [leaf for key, child in value.items() for leaf in _leaves(child, f"{path}.{key}".strip("."))]
    if isinstance(value, list):
        return [leaf for i, child in enumerate(value) for leaf in _leaves(child, f"{path}.{i}")]
    return [TextField(path, str(value))]
