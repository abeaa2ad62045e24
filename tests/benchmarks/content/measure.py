"""Measures the checks: false alarms in real texts, and the planted and emulated defects that they find.

    python -m tests.benchmarks.content.measure

prints the tables of `docs/quality.md`. The real answers are read in place. Nothing is measured without them.
"""

# ruff: noqa: T201 - this command prints
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import orjson

from local.openai_emulator.answer_writer import DEFECTS, Subject, write_json
from shared.content.answer_validation import validate_answer
from shared.content.locales import LOCALES
from shared.content.planning import plan_content
from shared.content.prompt_record import build_prompt_record
from shared.content.quality import Finding, check_content, run_checks
from shared.content.quality.check_context import CheckContext
from shared.content.response_schema import response_format
from shared.content.text_fields import TextField, text_fields
from shared.domain.product import Product
from tests.benchmarks.content.planted_defects import PlantedDefect, planted_defects, planted_sentences
from tests.benchmarks.content.sentences import UNSEEN
from tests.unit.content.contexts import make_product_context, other_product
from tests.unit.content.real_data import RealAnswer, real_answers, real_rows, rich_answers

Counts = Counter[str]

# Wrong findings in real texts: answer, locale, rule and field. A person has read all findings there and
# confirmed the others.
FALSE_ALARMS: frozenset[tuple[int, str, str, str]] = frozenset()

# A rule that reports the same defect with a warning when the rule of the defect misses it.
RELATED_RULES = {"customer_review": "customer_mention"}


def real_contexts() -> Iterator[tuple[int, CheckContext]]:
    """A context for each product and locale of the real answers, with the number of the answer."""
    for number, answer in enumerate(real_answers()):
        yield from ((number, real_context(answer, locale)) for locale in LOCALES)


def real_context(answer: RealAnswer, locale: str) -> CheckContext:
    siblings = {other: answer.fields(other) for other in LOCALES if other != locale}
    return make_product_context(answer.product, locale, answer.fields(locale), siblings)


def count_real_findings() -> tuple[Counts, Counts]:
    """Findings by rule in the real texts, and the number of wrong ones among them."""
    found, wrong = Counter[str](), Counter[str]()
    for number, context in real_contexts():
        for finding in run_checks(context).findings:
            found[finding.rule] += 1
            wrong[finding.rule] += (number, context.locale, finding.rule, finding.field) in FALSE_ALARMS
    for product, texts in rich_answers():
        found.update(f.rule for f in run_checks(make_product_context(product, "en-US", texts)).findings)
    return found, wrong


def count_catalogue_findings() -> Counts:
    """Findings in 1,200 cleaned British descriptions, each checked against its own record."""
    found = Counter[str]()
    for row in real_rows():
        description = build_prompt_record(row).get("description", "")
        # Each feature of a list is a field of its own, as in the texts of the model.
        fields = tuple(
            TextField(f"description.{index}", part)
            for index, part in enumerate(filter(None, description.split("; ")))
        )
        own_name = TextField("name", row.name)
        context = make_product_context(row, "en-GB", (*fields, own_name))
        found.update({finding.rule for finding in run_checks(context).findings})
    return found


def count_found_reviews() -> tuple[int, int]:
    """How many invented reviews of the real answers are found, and how many there are."""
    texts = [(a, locale) for a in real_answers() for locale in LOCALES]
    hits = sum(
        _has(
            "customer_review",
            run_checks(make_product_context(a.product, locale, (a.reviews(locale),))).findings,
        )
        for a, locale in texts
    )
    return hits, len(texts)


def count_found_defects(plant: Callable[[CheckContext], Iterator[PlantedDefect]]) -> tuple[Counts, Counts]:
    """The number of defects planted into the real texts, and of those that are found, by rule."""
    planted, found = Counter[str](), Counter[str]()
    for _, context in real_contexts():
        for defect in plant(context):
            planted[defect.rule] += 1
            findings = run_checks(defect.context).findings
            rules = {finding.rule for finding in findings if finding.field == defect.field}
            found[defect.rule] += bool(rules & {defect.rule, RELATED_RULES.get(defect.rule)})
    return planted, found


def measure_emulated_defects(answers: list[RealAnswer]) -> Iterator[tuple[str, int, int, str]]:
    """Each defect of the emulator: its name, the written locales, those with findings, and the rules."""
    products = [answer.product for answer in answers]
    for defect in ("", *sorted(DEFECTS)):
        written, noticed, rules = 0, 0, Counter[str]()
        for product, other in zip(products, [*products[1:], products[0]], strict=True):
            for locale in LOCALES:
                written += 1
                names = _rules_for(product, other, locale, frozenset({defect} - {""}))
                rules.update(names)
                noticed += bool(names)
        yield defect or "none", written, noticed, ", ".join(sorted(rules))


def _rules_for(product: Product, other: Product, locale: str, defects: frozenset[str]) -> set[str]:
    text, other_text = (_emulated_answer(each, locale, defects) for each in (product, other))
    result = validate_answer(text, (locale,), plan_content(product), facts=True)
    found = {"validation"} if result.faults else set()
    if locale in result.contents:
        contents = validate_answer(other_text, (locale,), plan_content(other), facts=True).contents
        others = [
            other_product(other.name, text_fields(content), other.brand) for content in contents.values()
        ]
        assessment = check_content(
            product, locale, result.contents[locale], others=others, plan=plan_content(product)
        )
        found |= {finding.rule for finding in assessment.errors}
    return found


def _emulated_answer(product: Product, locale: str, defects: frozenset[str]) -> str:
    schema = response_format((locale,), plan_content(product), True)["json_schema"]["schema"]
    subject = Subject(product.sku, product.name, product.brand)
    return orjson.dumps(write_json(schema, subject, locale, "measured", defects)).decode()


def _has(rule: str, findings: Iterable[Finding]) -> bool:
    return any(finding.rule == rule for finding in findings)


def main() -> None:
    """Print the tables."""
    real, wrong = count_real_findings()
    catalogue = count_catalogue_findings()
    planted, found = count_found_defects(planted_defects)
    print("| rule | in real texts | of these wrong | alarms in 1,200 descriptions | planted | found |")
    print("|---|---|---|---|---|---|")
    for rule in sorted(set(real) | set(catalogue) | set(planted)):
        share = f"{found[rule]} ({found[rule] / planted[rule]:.1%})" if planted[rule] else "–"
        counts = f"{real[rule]} | {wrong[rule]} | {catalogue[rule]} | {planted[rule] or '–'}"
        print(f"| `{rule}` | {counts} | {share} |")
    hits, texts = count_found_reviews()
    print(f"\nInvented reviews of the real answers: {hits} of {texts} found.\n")
    planted, found = count_found_defects(lambda context: planted_sentences(context, UNSEEN))
    print("| rule | unseen sentences | found |\n|---|---|---|")
    for rule in sorted(planted):
        print(f"| `{rule}` | {planted[rule]} | {found[rule]} ({found[rule] / planted[rule]:.0%}) |")
    print()
    print("| defect of the emulator | locales | found | by |")
    print("|---|---|---|---|")
    for defect, written, noticed, rules in measure_emulated_defects(real_answers()):
        print(f"| {defect} | {written} | {noticed} | {rules or '–'} |")


if __name__ == "__main__":
    main()
