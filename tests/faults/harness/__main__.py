"""`python -m tests.faults.harness`: all of the matrix, or a part of it, and the page that tells of it."""

import argparse
import os
import random
import sys
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

from local.azurite import Ports, command, connection_string
from local.network import free_ports, listens
from local.processes import Processes
from tests.faults.harness.ends import End
from tests.faults.harness.matrix import double_faults, play, points, single_faults, worlds
from tests.faults.harness.report import Report
from tests.faults.harness.scenarios import SCENARIOS

_PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "faults.md"
# A world is left when it has seen so many runs: its ledger is read after each.
_RUNS_A_WORLD = 25
_LEAST_RUNS = 1000


def main() -> int:
    """0 when every run ended as it would have without its faults."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the order and of the pairs of faults")
    parser.add_argument("--pairs", type=int, default=100, help="runs with two faults, at least")
    parser.add_argument("--most", type=int, default=None, help="stop after so many runs, and write no page")
    options = parser.parse_args()
    report = Report(command=f"make faults (seed {options.seed})")
    ports = Ports(*free_ports(3))
    with tempfile.TemporaryDirectory() as logs, Processes(Path(logs)) as processes:
        processes.start("azurite", command(ports, None), os.environ, lambda: all(map(listens, ports)))
        with worlds(connection_string(ports), f"f{uuid.uuid4().hex[:8]}") as made:
            points_of = {scenario.name: points(next(made), scenario) for scenario in SCENARIOS}
            singles = single_faults(points_of)
            pairs = max(options.pairs, _LEAST_RUNS - len(singles))
            cases = singles + double_faults(points_of, pairs, options.seed)
            random.Random(options.seed).shuffle(cases)
            end = End()
            for number, case in enumerate(cases[: options.most]):
                if number % _RUNS_A_WORLD == 0 or not end.good:
                    world = next(made)
                end, injector = play(world, case, f"k{number}")
                report.add(case, end, injector)
                if not end.good:
                    sys.stderr.write(f"\n{case}: {end}\n")
                sys.stderr.write(f"\r{number + 1} of {len(cases)} runs")
    if options.most is None:
        _PAGE.write_text(report.page(datetime.now(UTC).date()), encoding="utf-8")
    sys.stderr.write(f"\n{report.total} runs, {len(report.bad)} of them bad\n")
    return 1 if report.bad else 0


if __name__ == "__main__":
    sys.exit(main())
