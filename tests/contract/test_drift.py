"""Unknown drift fails here. Check it, then change the emulator or the lists below."""

from pathlib import Path

from local.openai_emulator import RunningEmulator, usage
from tests.conftest import shared_file
from tests.contract.drift import Drift, compare, read_real_lines

# Azure sends `pending` and adds its content filter's results. The SDK describes OpenAI's own service.
REFUSED_BY_SDK = {"FileObject.status = 'pending'"}
UNKNOWN_TO_SDK = {"ChatCompletion.choices[].content_filter_results", "ChatCompletion.prompt_filter_results"}
# Fields of OpenAI's own service. Real lines and Azure's documented batch object do not have them.
NEVER_SENT = {
    "Batch.model",
    "Batch.usage",
    "ChatCompletion.metadata",
    "ChatCompletion.moderation",
    "ChatCompletion.service_tier",
}


def test_result_lines_are_those_of_azure(openai_emulator: RunningEmulator) -> None:
    shared_file("azure-batch-samples/results-6.jsonl")
    drift = compare(read_real_lines(), openai_emulator)
    assert (drift.only_real, drift.only_emulated) == (set(), set())


def test_objects_are_those_of_the_sdk(openai_emulator: RunningEmulator) -> None:
    drift = compare([], openai_emulator)
    assert drift.refused_by_sdk == REFUSED_BY_SDK
    assert drift.unknown_to_sdk == UNKNOWN_TO_SDK
    assert drift.never_sent == NEVER_SENT


def test_tokens_are_counted_as_azure_counts_them() -> None:
    """The last token means "stop"."""
    shared_file("azure-batch-samples/results-6.jsonl")
    for line in read_real_lines():
        body = line["response"]["body"]
        content = body["choices"][0]["message"]["content"]
        assert usage.count(content) + 1 == body["usage"]["completion_tokens"]


def test_drift_is_found(openai_emulator: RunningEmulator) -> None:
    real = [{"custom_id": 5, "response": {"headers": {}}, "surprise": [{"a": None}]}]
    drift = compare(real, openai_emulator)
    assert drift.only_real == {"custom_id: int", "surprise[].a: NoneType"}
    assert "custom_id: str" in drift.only_emulated


def test_the_report_names_everything() -> None:
    report = Drift(only_real={"a: int"}, never_sent={"Batch.model"}).report()
    assert "### In real lines, not in the emulator's\n- `a: int`" in report
    assert "### In the emulator's lines, not in real ones\n- nothing" in report
    assert "- `Batch.model`" in report


def test_known_drift_is_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")
    assert {path for path in REFUSED_BY_SDK | UNKNOWN_TO_SDK | NEVER_SENT if f"`{path}`" not in page} == set()
