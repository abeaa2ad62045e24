"""Real answers of language models with listed lapses, and a second reader's answers about them.

They are in `../shared/model-answers`, belong to others, and are read in place. `python -m
tests.unit.verification.model_answers` prints the measurement that `docs/verification.md` quotes.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson
import typer

from scripts.evaluation.evaluation_set import EvaluationCase, Lapse, case_of_texts
from scripts.evaluation.recordings import ReaderReply
from scripts.evaluation.score_tables import mistakes, score_lines, score_tables
from scripts.evaluation.scoring import Score, score
from scripts.terminal import console
from shared.content.prompt_record import build_prompt_record
from shared.content.text_fields import TextField
from shared.domain.product import Product
from shared.verification.reader_answer import ReaderAnswer, read_answer
from tests.conftest import shared_file

Json = dict[str, Any]

FAITHFUL = ("p00", "p01")
FLAWED = ("p06", "p08")
READ = ("p00", "p01", "p06")
# The recorded reader was not shown it.
UNREAD_LOCALE = "en-GB"

# The recorded reader had five kinds and no verdicts. What it called forbidden or language may be of several
# of our kinds; those taken here weigh as most of them do.
_KINDS = {
    "unsupported": ("feature", "unsupported"),
    "contradicted": ("contradiction", "contradicted"),
    "forbidden": ("promise", "forbidden"),
    "record_talk": ("record_talk", "forbidden"),
    "language": ("foreign_words", "language"),
}


@lru_cache(maxsize=8)
def case(name: str) -> EvaluationCase:
    """A product with its texts in each locale, and the lapses that their writer listed."""
    product = Product.model_validate_json(
        shared_file(f"model-answers/requests/{name}.product.json").read_bytes()
    )
    texts: dict[str, dict[str, str]] = {}
    lapses: list[Lapse] = []
    for path in sorted(shared_file("model-answers/answers").glob(f"{name}.*.json")):
        locale = path.stem.partition(".")[2]
        texts[locale] = {leaf.path: leaf.text for leaf in leaves(orjson.loads(path.read_bytes())[locale])}
        listed = shared_file("model-answers/lapses") / path.name
        if listed.exists():
            lapses += [Lapse(locale=locale, **each) for each in orjson.loads(listed.read_bytes())]
    return case_of_texts(name, product, "language models", texts, lapses)


def read_case(name: str) -> EvaluationCase:
    """The same as far as the recorded reader was shown it."""
    whole = case(name)
    lines = tuple(line for line in whole.lines if line.locale != UNREAD_LOCALE)
    return replace(whole, lines=lines)


def leaves(value: Any, path: str = "") -> list[TextField]:
    """The texts in an answer, whatever its shape, with their paths."""
    if isinstance(value, str):
        return [TextField(path, value)]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for key, each in items for leaf in leaves(each, f"{path}.{key}".removeprefix("."))]


def recorded_answer(name: str) -> str:
    """The reader's answer about a case, in the form that requests ask for."""
    numbers = {f"{line.locale}|{line.field}": line.number for line in read_case(name).lines}
    problems = orjson.loads(shared_file(f"model-answers/verdicts/{name}.json").read_bytes())["problems"]
    findings = []
    for each in problems:
        kind, verdict = _KINDS[each["kind"]]
        line = numbers.get(each["line"], 0)
        findings.append({**each, "line": line, "kind": kind, "verdict": verdict})
    return orjson.dumps({"findings": findings}).decode()


def answer(name: str) -> ReaderAnswer:
    """The recorded answer after it was judged."""
    each = read_case(name)
    return read_answer(recorded_answer(name), each.lines, build_prompt_record(each.product))


def measured() -> Score:
    """What the recorded reader is worth on the cases that it read."""
    pairs = []
    for name in READ:
        each = read_case(name)
        asked = (each.lines[0].number, each.lines[-1].number)
        pairs.append((each, [ReaderReply(lines=asked, text=recorded_answer(name))]))
    return score(pairs)


def main() -> None:
    """Print the measurement."""
    result = measured()
    for table in score_tables("recorded reader", result):
        console.print(table)
    for line in [*score_lines(result, None), *mistakes(result)]:
        console.print(line, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
