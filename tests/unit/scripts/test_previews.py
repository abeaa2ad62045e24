"""Choosing products to preview, trying them, and counting the results."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.preview_trials import Tried, products_of, rates, try_all
from scripts.transport import ApiError

Json = dict[str, Any]


class Service:
    """Answers as the API does, with the products and errors of a test."""

    def __init__(self, products: list[Json], errors: dict[str, ApiError] | None = None) -> None:
        self.products = products
        self.errors = errors or {}
        self.previewed: list[str] = []

    def call(self, _method: str, _path: str, params: Json) -> Json:
        ids = [product["product_id"] for product in self.products]
        start = ids.index(params["after"]) + 1 if "after" in params else 0
        page = self.products[start : start + 2]
        more = start + 2 < len(ids)
        return {"products": page, "next_after": page[-1]["product_id"] if more else None}

    def preview(self, product_id: str, locales: list[str]) -> Json:
        self.previewed.append(product_id)
        if product_id in self.errors:
            raise self.errors[product_id]
        one = {"outcome": "stored", "reason": "", "prompt_tokens": 10, "completion_tokens": 5}
        return {"locales": dict.fromkeys(locales, one), "cost": 0.5}


def product(product_id: str, discontinued_at: str | None = None) -> Json:
    return {"product_id": product_id, "category": "pianos", "discontinued_at": discontinued_at}


def test_discontinued_products_are_skipped() -> None:
    service: Any = Service(
        [product("a", "2026-01-01"), product("b"), product("c", "2026-01-01"), product("d")]
    )
    assert [found["product_id"] for found in products_of(service, "pianos", 5)] == ["b", "d"]
    assert [found["product_id"] for found in products_of(service, "pianos", 1)] == ["b"]


def test_each_response_is_kept_also_an_error(tmp_path: Path) -> None:
    error = ApiError(503, "unavailable", "busy", {})
    service: Any = Service([], {"b": error})
    tried = list(try_all(service, [product("a"), product("b")], ["de-DE"], tmp_path, 1))
    assert {one.product_id: one.passed for one in tried} == {"a": True, "b": False}
    kept = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "pianos").iterdir()}
    assert kept["a"]["answer"]["locales"]["de-DE"]["outcome"] == "stored"
    assert kept["b"]["answer"]["error"]["code"] == "unavailable"


def test_an_error_that_is_the_same_for_every_product_ends_the_trial_at_once(tmp_path: Path) -> None:
    products = [product(f"p{n}") for n in range(50)]
    service: Any = Service([], {f"p{n}": ApiError(501, "not_configured", "set it", {}) for n in range(50)})
    with pytest.raises(ApiError, match="set it"):
        list(try_all(service, products, [], tmp_path, 1))
    assert len(service.previewed) < 10


def test_a_product_passes_when_all_its_locales_pass() -> None:
    tried = [
        Tried("a", "pianos", {"de-DE": "stored", "en-GB": "stored"}, tokens=10, cost=0.1),
        Tried("b", "pianos", {"de-DE": "stored", "en-GB": "refused"}, tokens=10, cost=0.1),
        Tried("c", "flutes", error="unavailable: busy"),
    ]
    assert rates(tried) == [
        {"category": "flutes", "products": 1, "passed": 0, "rate": 0.0, "tokens": 0, "cost": 0},
        {"category": "pianos", "products": 2, "passed": 1, "rate": 0.5, "tokens": 20, "cost": 0.2},
    ]
