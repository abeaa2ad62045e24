"""What an assessment costs beside the validation of the same answer's JSON, on one core.

python -m pytest -m benchmark -s tests/benchmarks/content
"""

import time
from collections import deque
from collections.abc import Callable
from itertools import starmap

import orjson
import pytest

from local.openai_emulator.answer_writer import Subject, write_json
from shared.content.answer_validation import judge
from shared.content.families import family_of_product
from shared.content.locales import LOCALES
from shared.content.quality import assess_texts, case_of, readings_of, subject_of
from shared.content.response_schema import response_format
from shared.content.sections import LocaleContent
from shared.domain.product import Product
from tests.unit.content.real import real_rows

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

PRODUCTS = 20


def written(product: Product, locale: str) -> str:
    schema = response_format((locale,), True, family_of_product(product))["json_schema"]["schema"]
    subject = Subject(product.sku, product.name, product.brand)
    return orjson.dumps(write_json(schema, subject, locale, "speed")).decode()


def seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def test_assessments_a_second_beside_validation_alone() -> None:
    products = real_rows()[:: len(real_rows()) // PRODUCTS][:PRODUCTS]
    answers = [(product, {locale: written(product, locale) for locale in LOCALES}) for product in products]

    def validated(texts: dict[str, str]) -> dict[str, LocaleContent]:
        return {locale: judge(text, (locale,), facts=True).contents[locale] for locale, text in texts.items()}

    contents = [(product, validated(texts)) for product, texts in answers]

    def assessed(product: Product, texts: dict[str, LocaleContent]) -> None:
        """As the ingestion does it: the texts of a product are read once for all its locales."""
        subject = subject_of(product)
        readings = readings_of(subject, texts)
        for locale in LOCALES:
            assess_texts(case_of(subject, locale, readings))

    assessed(*contents[0])  # models and word lists are loaded once a process
    validating = seconds(lambda: [validated(texts) for _, texts in answers[1:]])
    assessing = seconds(lambda: deque(starmap(assessed, contents[1:]), maxlen=0))
    count = (len(products) - 1) * len(LOCALES)
    print(  # noqa: T201
        f"\n{count / assessing:,.0f} assessments/s, {assessing / count * 1e3:.1f} ms each; "
        f"validation alone {validating / count * 1e3:.2f} ms: {assessing / validating:.0f} times that"
    )
