"""How far an estimate is from what was charged, before and after it has learnt from ended batches.

On the emulator with real catalogue rows, by its ledger; and on six real answers of Azure's, whose prompts are
not known: what is learnt of five forecasts the sixth.

    python -m pytest -m benchmark -s tests/benchmarks/test_forecast.py
"""

import sys
from collections.abc import Callable

import pytest

from shared.batching.estimate import Forecast, calibrate, estimate
from shared.batching.preparation import prepare
from shared.catalogue.file_import import import_catalogue_file
from shared.domain.clock import utcnow
from shared.domain.run import ImportReport, Run
from shared.openai_batch.request_tokens import count_tokens
from shared.openai_batch.result_lines import read_result_line
from tests.conftest import shared_file
from tests.integration.conftest import world
from tests.world import World

__all__ = ["world"]
pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

CATEGORY = "electric-guitars"
ROWS = 400
PRODUCTS = 20
ROUNDS = 4


def off(forecast: float, real: float) -> float:
    """Error in percent of the actual result."""
    return 100 * (forecast - real) / real


def import_rows(world: World) -> None:
    """The first real rows, as they are in the file."""
    lines = shared_file("catalogue/instruments-1200.csv").read_bytes().splitlines(keepends=True)[:ROWS]
    world.services.blobs.write("imports/real.csv", lines)
    report = ImportReport(import_id="real", format="csv", blob="imports/real.csv", created_at=utcnow())
    world.services.imports.create(report)
    import_catalogue_file(world.services, "real")


def charged(world: World) -> tuple[int, int]:
    """Input and output tokens, by the emulator's ledger."""
    requests = world.emulator.ledger(products=False)["requests"]
    return requests["input_tokens"], requests["output_tokens"]


def test_on_the_emulator_with_real_rows(world: World) -> None:
    world.set(locales_per_request=0)
    import_rows(world)
    say(
        "",
        "| batches before | requests | input tokens | output tokens | cost |",
        "|---:|---:|---:|---:|---:|",
    )
    for number in range(ROUNDS):
        due = world.services.products.due(CATEGORY, utcnow(), PRODUCTS)
        forecast = estimate(world.services, calibrate(world.services), CATEGORY, due, [])
        before = charged(world)
        run_id = f"run-{number}"
        world.services.runs.create(Run(run_id=run_id, created_at=utcnow(), category_limit=PRODUCTS))
        prepared = prepare(world.services, run_id, CATEGORY, 0, PRODUCTS)
        world.services.runs.unlock(run_id)
        batch = world.drive(prepared["batch_id"] or "")
        spent = [now - then for now, then in zip(charged(world), before, strict=True)]
        errors = errors_of(forecast, spent, batch.cost)
        cells = [str(number), str(batch.request_count), *(f"{error:+.1f} %" for error in errors)]
        say(f"| {' | '.join(cells)} |")
        assert forecast.requests == batch.request_count
        assert forecast.most_cost >= batch.cost
        assert abs(errors[0]) < 5
        assert abs(errors[2]) < (5 if number else 30)


def errors_of(forecast: Forecast, spent: list[int], cost: float) -> tuple[float, float, float]:
    input_tokens, output_tokens = spent
    return (
        off(forecast.input_tokens, input_tokens),
        off(forecast.output_tokens, output_tokens),
        off(forecast.cost, cost),
    )


def test_on_real_answers() -> None:
    lines = shared_file("azure-batch-samples/results-6.jsonl").read_bytes().splitlines()
    answers = [read_result_line(line) for line in lines]
    tokens = [answer.completion_tokens for answer in answers]
    prompts = [answer.prompt_tokens for answer in answers]
    say("", "| what | forecast from | error of each | in the mean |", "|---|---|---|---:|")
    report("output tokens", "the other five", tokens, lambda place: mean_without(tokens, place))
    report("output tokens", "its text, counted", tokens, lambda place: count_tokens(answers[place].text) + 1)
    report("input tokens", "the other five", prompts, lambda place: mean_without(prompts, place))
    assert [count_tokens(answer.text) + 1 for answer in answers] == tokens
    assert all(abs(off(mean_without(tokens, place), real)) < 15 for place, real in enumerate(tokens))


def mean_without(values: list[int], place: int) -> float:
    """What the estimate would have learnt of the others."""
    others = values[:place] + values[place + 1 :]
    return sum(others) / len(others)


def report(what: str, source: str, real: list[int], forecast: Callable[[int], float]) -> None:
    errors = [off(forecast(place), value) for place, value in enumerate(real)]
    each = ", ".join(f"{error:+.1f}" for error in errors)
    say(f"| {what} | {source} | {each} % | {sum(map(abs, errors)) / len(errors):.1f} % |")


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
