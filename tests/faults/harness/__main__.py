"""`python -m tests.faults.harness`: all of the matrix, or a sample of it, and the page that tells of it."""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from local.azurite import Ports, command, connection_string
from local.network import free_ports, listens
from local.processes import Processes
from tests.faults.harness.matrix import (
    double_faults,
    new_tag,
    plain,
    play_all,
    points,
    scenarios_of,
    service_kills,
    single_faults,
    worlds,
)
from tests.faults.harness.modes import Mode
from tests.faults.harness.report import Report

_PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "faults.md"
# A world is replaced after this many runs, because its ledger is read after each run.
_RUNS_A_WORLD = 25
_LEAST_RUNS = 1000


def main() -> int:
    """0 when every run ended as it would have without its faults."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the order and of the pairs of faults")
    parser.add_argument("--pairs", type=int, default=100, help="runs with two faults, at least")
    parser.add_argument("--jobs", type=int, default=2, help="processes that play")
    parser.add_argument("--mode", type=Mode, choices=Mode, default=Mode.FILES, help="see docs/faults.md")
    parser.add_argument("--sample", type=int, default=0, help="the number of runs, drawn by the seed; 0: all")
    options = parser.parse_args()
    mode: Mode = options.mode
    report = Report(mode, f"seed {options.seed}", _commit())
    ports = Ports(*free_ports(3))
    with tempfile.TemporaryDirectory() as logs, Processes(Path(logs)) as processes:
        processes.start("azurite", command(ports, None), os.environ, lambda: all(map(listens, ports)))
        connection = connection_string(ports)
        with worlds(connection, new_tag(), mode) as made:
            points_of = {each.name: points(next(made), each) for each in scenarios_of(mode)}
        singles = single_faults(points_of)
        pairs = max(options.pairs, _LEAST_RUNS - len(singles))
        cases = singles + double_faults(points_of, pairs, options.seed)
        random.Random(options.seed).shuffle(cases)
        # Only the one resource is a process of its own, that can be killed.
        kills = service_kills(points_of) if mode != Mode.TWO else []
        report.possible = len(cases) + len(kills)
        if options.sample:
            share = min(1.0, options.sample / report.possible)
            cases = cases[: round(share * len(cases))]
            kills = random.Random(options.seed).sample(kills, round(share * len(kills)))
        chunks = [
            part[start : start + _RUNS_A_WORLD]
            for part in (cases, kills)
            for start in range(0, len(part), _RUNS_A_WORLD)
        ]
        cases += kills
        with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
            played = pool.map(partial(play_all, connection, mode), map(plain, chunks))
            for case, (end, struck) in zip(cases, chain.from_iterable(played), strict=True):
                report.add(case, end, struck)
                if not end.good:
                    sys.stderr.write(f"\n{case}: {end}\n")
                sys.stderr.write(f"\r{report.total} of {len(cases)} runs")
    before = _PAGE.read_text(encoding="utf-8")
    _PAGE.write_text(report.page(before, datetime.now(UTC).date()), encoding="utf-8")
    sys.stderr.write(f"\n{report.total} runs, {len(report.bad)} of them bad\n")
    return 1 if report.bad else 0


def _commit() -> str:
    """The commit that is played; `+` where files have changed since."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"],
        cwd=_PAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "no repository"


if __name__ == "__main__":
    sys.exit(main())
