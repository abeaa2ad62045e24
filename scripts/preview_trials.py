"""Online previews of a few products of each category, in parallel. Each response is kept in a file."""

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from scripts.api_client import ApiClient
from scripts.transport import ApiError

_PAGE = 50
# Errors that would be the same for every product.
_HOPELESS = ("unauthorized", "forbidden", "not_configured", "invalid_request")

Json = dict[str, Any]


@dataclass(frozen=True)
class Tried:
    """The result of one product's preview: the outcome of each locale, or why the call failed."""

    product_id: str
    category: str
    outcomes: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    tokens: int = 0
    cost: float = 0.0
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Whether every locale's text is good enough to be stored."""
        return self.error is None and all(outcome == "stored" for outcome in self.outcomes.values())


def products_of(client: ApiClient, category: str, count: int) -> list[Json]:
    """The first `count` products of a category that are not discontinued."""
    found: list[Json] = []
    after: str | None = None
    while len(found) < count:
        parameters = {"category": category, "limit": _PAGE, **({"after": after} if after else {})}
        page = client.call("GET", "/api/v1/products", params=parameters)
        found += [product for product in page["products"] if not product["discontinued_at"]]
        after = page["next_after"]
        if after is None:
            break
    return found[:count]


def try_all(
    client: ApiClient, products: Sequence[Json], locales: Sequence[str], folder: Path, parallel: int
) -> Iterator[Tried]:
    """Preview products, `parallel` at a time. Yields each result as it arrives.

    Raises:
        ApiError: when the error would be the same for every product, such as a missing setting.
        OutOfReach: when the service does not answer.
    """
    with ThreadPoolExecutor(parallel) as pool:
        upcoming = iter(products)

        def begin(count: int) -> set[Future[Tried]]:
            return {
                pool.submit(_try, client, product, locales, folder) for product in islice(upcoming, count)
            }

        waiting = begin(parallel)
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
                waiting |= begin(len(done))
        finally:
            # After an error or Ctrl+C no further call is begun, because each costs money.
            pool.shutdown(wait=False, cancel_futures=True)


def rates(tried: Iterable[Tried]) -> list[Json]:
    """Results by category, sorted by its slug."""
    by_category: dict[str, list[Tried]] = {}
    for one in tried:
        by_category.setdefault(one.category, []).append(one)
    return [
        {
            "category": category,
            "products": len(group),
            "passed": sum(one.passed for one in group),
            "rate": sum(one.passed for one in group) / len(group),
            "tokens": sum(one.tokens for one in group),
            "cost": round(sum(one.cost for one in group), 6),
        }
        for category, group in sorted(by_category.items())
    ]


def _try(client: ApiClient, product: Json, locales: Sequence[str], folder: Path) -> Tried:
    product_id, category = product["product_id"], product["category"]
    try:
        answer = client.preview(product_id, locales)
    except ApiError as error:
        if error.code in _HOPELESS:
            raise
        _save(
            folder, product, {"error": {"code": error.code, "message": str(error), "details": error.details}}
        )
        return Tried(product_id, category, error=str(error))
    _save(folder, product, answer)
    locale_answers = answer["locales"]
    return Tried(
        product_id,
        category,
        outcomes={locale: one["outcome"] for locale, one in locale_answers.items()},
        reasons={locale: one["reason"] for locale, one in locale_answers.items() if one["reason"]},
        tokens=sum(one["prompt_tokens"] + one["completion_tokens"] for one in locale_answers.values()),
        cost=answer["cost"],
    )


def _save(folder: Path, product: Json, answer: Json) -> None:
    subfolder = folder / product["category"]
    subfolder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"product": product, "answer": answer}, indent=2, ensure_ascii=False)
    (subfolder / f"{product['product_id']}.json").write_text(text + "\n", encoding="utf-8")
