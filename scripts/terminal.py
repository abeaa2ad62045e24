"""The terminal: what is printed for people, and progress bars."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

Json = dict[str, Any]

# Wide enough for a batch's row. Without it rich would cut tables in files and pipes to 80 columns.
_WIDTH_OF_A_FILE = 160
_CONTROL = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "�")

# The printed text comes from catalogues and models. Its square brackets and colons are not markup.
console = Console(
    markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE
)
# For progress, which is not part of the result.
progress_console = Console(markup=False, emoji=False, highlight=False, stderr=True)


def plain(text: str) -> str:
    """A text of a product, with control characters replaced: a terminal would obey them."""
    return text.translate(_CONTROL)


@contextmanager
def run_progress() -> Iterator[Callable[[Json], None]]:
    """A progress bar for each batch. Yields the function that takes the responses of `GET /runs/{id}`."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:32.32}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.completed:.0f}/{task.total:.0f} requests"),
        TextColumn("{task.fields[state]}", style="dim", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=progress_console, disable=not progress_console.is_terminal) as progress:
        bars: dict[str, TaskID] = {}

        def show(answer: Json) -> None:
            for batch in answer["batches"]:
                if not batch["product_count"]:
                    continue
                batch_id = batch["batch_id"]
                if batch_id not in bars:
                    bars[batch_id] = progress.add_task(
                        plain(batch["category"]), total=batch["request_count"], state=""
                    )
                waits = f", waits for {batch['waits_for']}" if batch["waits_for"] else ""
                progress.update(
                    bars[batch_id],
                    total=batch["request_count"],
                    completed=batch["requests_done"],
                    state=f"{batch['status']}{waits}",
                )

        yield show
