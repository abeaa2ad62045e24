"""Measures the time of the checks of a locale, and of the validation of the same answer, on one core.

python -m pytest -m benchmark -s tests/benchmarks/content
"""

import time
from collections import deque
from collections.abc import Callable
from itertools import starmap

import orjson
import pytest

from local.openai_emulator.answer_writer import Subject, write_json
from shared.content.answer_validation import validate_answer
from shared.content.locales import LOCALES
from shared.content.planning import plan_content
from shared.content.quality import build_context, read_locale_texts, read_source_record, run_checks
from shared.content.response_schema import response_format
from shared.content.sections import LocaleContent
from shared.domain.product import Product
from tests.unit.content.real_data import real_rows

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

PRODUCTS = 20


def written(product: Product, locale: str) -> str:
    schema = response_format((locale,), plan_content(product), True)["json_schema"]["schema"]
    subject = Subject(product.sku, product.name, product.brand)
    return orjson.dumps(write_json(schema, subject, locale, "speed")).decode()


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_checks_per_second_compared_with_validation() -> None:
    products = real_rows()[:: len(real_rows()) // PRODUCTS][:PRODUCTS]
    answers = [(product, {locale: written(product, locale) for locale in LOCALES}) for product in products]

    def validated(product: Product, texts: dict[str, str]) -> dict[str, LocaleContent]:
        return {
            locale: validate_answer(text, (locale,), plan_content(product), facts=True).contents[locale]
            for locale, text in texts.items()
        }

    contents = [(product, validated(product, texts)) for product, texts in answers]

    def assessed(product: Product, texts: dict[str, LocaleContent]) -> None:
        """As in the ingestion: the texts of a product are split once for all its locales."""
        source = read_source_record(product)
        locale_texts = read_locale_texts(source, texts)
        for locale in LOCALES:
            run_checks(build_context(source, locale, locale_texts))

    assessed(*contents[0])  # loads models and word lists, which happens once per process
    validating = seconds(lambda: [validated(product, texts) for product, texts in answers[1:]])
    assessing = seconds(lambda: deque(starmap(assessed, contents[1:]), maxlen=0))
    count = (len(products) - 1) * len(LOCALES)
    print(  # noqa: T201
        f"\n{count / assessing:,.0f} assessments/s, {assessing / count * 1e3:.1f} ms each; "
        f"validation alone {validating / count * 1e3:.2f} ms: {assessing / validating:.0f} times that"
    )
