"""Measure the checks on real answers: false alarms, known sins, planted sins, and the emulator's sins.

    python -m tests.benchmarks.content.measure

prints the tables of `docs/quality.md`. The real answers are read in place; without them nothing is measured.
"""

# ruff: noqa: T201 - a command, which prints
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import orjson

from local.openai_emulator.answer_writer import DEFECTS, Subject, write_json
from shared.content.answer_validation import judge
from shared.content.families import family_of_product
from shared.content.locales import LOCALES
from shared.content.prompt_record import clean_record
from shared.content.quality import Finding, assess, assess_texts
from shared.content.quality.check_case import Case
from shared.content.response_schema import response_format
from shared.content.text_fields import TextField, text_fields
from shared.domain.product import Product
from tests.benchmarks.content.sentences import UNSEEN
from tests.benchmarks.content.sins import Planted, planted, planted_sentences
from tests.unit.content.cases import about_case, other_product
from tests.unit.content.real import RealAnswer, real_answers, real_rows, rich_answers

Counts = Counter[str]

# Findings in real texts that a reader judged to be wrong: answer, locale, rule and field. Everything else
# that is found there was read and is right.
JUDGED_FALSE: frozenset[tuple[int, str, str, str]] = frozenset()

# A rule that notices the same sin with a warning, where its own does not know it.
NEAR = {"customer_review": "customer_mention"}


def cases() -> Iterator[tuple[int, Case]]:
    """The real answers, a case for each product and locale: six texts each."""
    for number, answer in enumerate(real_answers()):
        yield from ((number, case_of(answer, locale)) for locale in LOCALES)


def case_of(answer: RealAnswer, locale: str) -> Case:
    siblings = {other: answer.fields(other) for other in LOCALES if other != locale}
    return about_case(answer.product, locale, answer.fields(locale), siblings)


def on_real_texts() -> tuple[Counts, Counts]:
    """Findings by rule in the real texts, and those of them that are wrong."""
    found, wrong = Counter[str](), Counter[str]()
    for number, case in cases():
        for finding in assess_texts(case).findings:
            found[finding.rule] += 1
            wrong[finding.rule] += (number, case.locale, finding.rule, finding.field) in JUDGED_FALSE
    for product, texts in rich_answers():
        found.update(f.rule for f in assess_texts(about_case(product, "en-US", texts)).findings)
    return found, wrong


def on_catalogue_texts() -> Counts:
    """Findings in 1,200 cleaned British descriptions, each held against its own record."""
    found = Counter[str]()
    for row in real_rows():
        description = clean_record(row).get("description", "")
        # Every part of a list of features is a field, as the model writes them.
        fields = tuple(
            TextField(f"description.{index}", part)
            for index, part in enumerate(filter(None, description.split("; ")))
        )
        own_name = TextField("name", row.name)
        case = about_case(row, "en-GB", (*fields, own_name))
        found.update({finding.rule for finding in assess_texts(case).findings})
    return found


def reviews() -> tuple[int, int]:
    """The invented reviews of the real answers: how many are found as such."""
    texts = [(a, locale) for a in real_answers() for locale in LOCALES]
    hits = sum(
        _has(
            "customer_review",
            assess_texts(about_case(a.product, locale, (a.reviews(locale),))).findings,
        )
        for a, locale in texts
    )
    return hits, len(texts)


def on_planted_sins(plant: Callable[[Case], Iterator[Planted]]) -> tuple[Counts, Counts]:
    """Sins planted into the real texts, and those that are found."""
    sown, found = Counter[str](), Counter[str]()
    for _, case in cases():
        for sin in plant(case):
            sown[sin.rule] += 1
            findings = assess_texts(sin.case).findings
            rules = {finding.rule for finding in findings if finding.field == sin.field}
            found[sin.rule] += bool(rules & {sin.rule, NEAR.get(sin.rule)})
    return sown, found


def on_emulated_sins(answers: list[RealAnswer]) -> Iterator[tuple[str, int, int, str]]:
    """The emulator's sins: name, locales that were written, those that are noticed, and by which rules."""
    products = [answer.product for answer in answers]
    for sin in ("", *sorted(DEFECTS)):
        written, noticed, rules = 0, 0, Counter[str]()
        for product, other in zip(products, [*products[1:], products[0]], strict=True):
            for locale in LOCALES:
                written += 1
                names = _rules_for(product, other, locale, frozenset({sin} - {""}))
                rules.update(names)
                noticed += bool(names)
        yield sin or "none", written, noticed, ", ".join(sorted(rules))


def _rules_for(product: Product, other: Product, locale: str, sins: frozenset[str]) -> set[str]:
    text, theirs = (_emulated(each, locale, sins) for each in (product, other))
    verdict = judge(text, (locale,), facts=True)
    found = {"judge"} if verdict.faults else set()
    if locale in verdict.contents:
        contents = judge(theirs, (locale,), facts=True).contents
        others = [
            other_product(other.name, text_fields(content), other.brand) for content in contents.values()
        ]
        assessment = assess(product, locale, verdict.contents[locale], others=others)
        found |= {finding.rule for finding in assessment.errors}
    return found


def _emulated(product: Product, locale: str, sins: frozenset[str]) -> str:
    schema = response_format((locale,), True, family_of_product(product))["json_schema"]["schema"]
    subject = Subject(product.sku, product.name, product.brand)
    return orjson.dumps(write_json(schema, subject, locale, "measured", sins)).decode()


def _has(rule: str, findings: Iterable[Finding]) -> bool:
    return any(finding.rule == rule for finding in findings)


def main() -> None:
    """Print the tables."""
    real, wrong = on_real_texts()
    catalogue = on_catalogue_texts()
    sown, found = on_planted_sins(planted)
    print("| rule | in real texts | of these wrong | alarms in 1,200 descriptions | planted | found |")
    print("|---|---|---|---|---|---|")
    for rule in sorted(set(real) | set(catalogue) | set(sown)):
        share = f"{found[rule]} ({found[rule] / sown[rule]:.1%})" if sown[rule] else "–"
        print(
            f"| `{rule}` | {real[rule]} | {wrong[rule]} | {catalogue[rule]} | {sown[rule] or '–'} | {share} |"
        )
    hits, texts = reviews()
    print(f"\nInvented reviews of the real answers: {hits} of {texts} found.\n")
    sown, found = on_planted_sins(lambda case: planted_sentences(case, UNSEEN))
    print("| rule | unseen defects | found |\n|---|---|---|")
    for rule in sorted(sown):
        print(f"| `{rule}` | {sown[rule]} | {found[rule]} ({found[rule] / sown[rule]:.0%}) |")
    print()
    print("| the emulator's defect | locales | found | by |")
    print("|---|---|---|---|")
    for sin, written, noticed, rules in on_emulated_sins(real_answers()):
        print(f"| {sin} | {written} | {noticed} | {rules or '–'} |")


if __name__ == "__main__":
    main()
