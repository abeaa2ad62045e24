"""The most that requests can have been charged for, read from the lines that were sent.

An answer without readable token counts was charged all the same. It counts against the caps as if it were as
long as its request allows. The batch has reserved as much.
"""

from collections.abc import Collection, Iterable
from typing import Any

import orjson

from shared.openai_batch.request_tokens import tokens_of_body
from shared.openai_batch.result_lines import custom_id_of
from shared.results.batch_totals import WorstCases


def worst_cases(lines: Iterable[bytes], custom_ids: Collection[str]) -> WorstCases:
    """The most input and output tokens of the requests `custom_ids`, whose lines are among `lines`."""
    return {
        custom_id: _most_tokens(orjson.loads(line)["body"])
        for line in lines
        if (custom_id := custom_id_of(line)) in custom_ids
    }


def _most_tokens(body: dict[str, Any]) -> dict[str, int]:
    return {
        "prompt_tokens": tokens_of_body(body),
        "completion_tokens": body.get("max_tokens") or body["max_completion_tokens"],
        "cached_tokens": 0,
    }
