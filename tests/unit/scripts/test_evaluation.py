"""Measuring a reader: the set that ships, recordings of it, the counts, and asking a deployment."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from local.openai_emulator import EmulatorConfig, RunningEmulator, running
from local.openai_emulator.answer_writer import LAPSES, Subject, write_text
from local.openai_emulator.languages import phrases_for
from scripts.evaluate_verifier import SET, app
from scripts.evaluation import asking
from scripts.evaluation.evaluation_set import BadEvaluationSet, EvaluationCase, Lapse, case_of_texts, read_set
from scripts.evaluation.recordings import ReaderReply, Recording, read_recording, write_recording
from scripts.evaluation.scoring import score
from shared.config.settings import Settings
from shared.content.quality import Severity
from shared.content.reader_kinds import DEFAULT_SEVERITIES, ReaderKind
from tests.conftest import make_settings
from tests.examples import product

CONSTRUCTED = SET / "recorded" / "constructed.json"
RECORD = product().record()


def case(lapses: tuple[str, ...] = (), name: str = "one") -> EvaluationCase:
    """A case of two locales that the emulator wrote, with the lapses that it was told to put in."""
    subject = Subject(RECORD.sku, RECORD.name, RECORD.brand)
    texts = {
        locale: {"overview": write_text(subject, locale, "seed", frozenset(lapses)), "other": "Plain words."}
        for locale in ("de-DE", "en-GB")
    }
    listed = [
        Lapse(locale=locale, field="overview", quote=phrases_for(locale).lapses[lapse], kind=lapse)
        for locale in texts
        for lapse in lapses
    ]
    return case_of_texts(name, RECORD, "the emulator", texts, listed)


def reply(case: EvaluationCase, *findings: dict[str, Any], **changes: Any) -> ReaderReply:
    plain = {"kind": "promise", "verdict": "forbidden", "record": ""}
    text = json.dumps({"findings": [{**plain, **finding} for finding in findings]})
    return ReaderReply.model_validate({"lines": (1, len(case.lines)), "text": text, **changes})


# The set that ships


def test_the_set_that_ships_is_whole() -> None:
    cases = read_set(SET)
    kinds = {placed.lapse.kind for each in cases for placed in each.lapses}
    assert len({each.product.sku for each in cases}) >= 4
    assert kinds <= set(ReaderKind)
    assert len(kinds) >= 20
    assert {locale[:2] for each in cases for locale in each.locales} == {"de", "en", "es", "fr", "it", "pt"}
    assert sum(each.faithful(locale) for each in cases for locale in each.locales) >= 9


def test_every_recording_that_ships_is_about_the_set_as_it_is() -> None:
    cases = read_set(SET)
    for path in (SET / "recorded").glob("*.json"):
        recording = read_recording(path)
        assert all(recording.replies_to(each) for each in cases), path


def test_the_constructed_recording_is_counted() -> None:
    cases = read_set(SET)
    recording = read_recording(CONSTRUCTED)
    result = score((each, recording.replies_to(each)) for each in cases)
    assert (result.total.lapses, result.total.found, len(result.missed)) == (54, 50, 4)
    assert (result.total.false_errors, result.total.false_warnings, result.total.notes) == (1, 1, 1)
    assert (result.faithful, result.faithful_blocked, result.flawed_blocked) == (9, 1, 9)
    assert dict(result.faults) == {
        "quote_not_in_line": 1, "record_words_not_in_record": 1, "unknown_line": 1, "refused": 1,
    }  # fmt: skip
    assert (result.unread_lines, result.lines) == (14, 126)


# Counting


def test_a_lapse_is_found_where_a_finding_touches_it() -> None:
    one = case(("promise",))
    first = one.lapses[0]
    line = one.lines[first.number - 1]
    words = line.text[first.start : first.start + 12].strip()
    result = score([(one, [reply(one, {"line": line.number, "quote": words})])])
    assert (result.total.lapses, result.total.found, result.total.blocked) == (2, 1, 1)
    assert (result.by_locale["de-DE"].found, result.by_locale["en-GB"].found) == (1, 0)
    assert (result.flawed, result.flawed_blocked, result.kept_out) == (2, 1, 1)
    assert result.recall == 0.5


def test_a_finding_beside_the_lapse_is_a_false_one() -> None:
    one = case(("promise",))
    result = score([(one, [reply(one, {"line": 2, "quote": "Plain words"})])])
    assert (result.total.found, result.total.false_errors) == (0, 1)
    assert [name for name, _, _ in result.false_findings] == ["one"]
    # The text is kept out all the same, by a finding that is wrong.
    assert result.kept_out == 1


def test_what_is_called_general_knowledge_finds_nothing() -> None:
    one = case(("promise",))
    quote = one.lapses[0].lapse.quote
    result = score([(one, [reply(one, {"line": 1, "quote": quote, "verdict": "general"})])])
    assert (result.total.found, result.total.notes, result.flawed_blocked) == (0, 0, 0)


def test_a_faithful_text_is_blocked_by_an_error_only() -> None:
    one = case()
    replies = [reply(one, {"line": 2, "quote": "Plain words"})]
    assert score([(one, replies)]).faithful_blocked == 1
    noted = {**DEFAULT_SEVERITIES, ReaderKind.PROMISE: Severity.NOTE}
    result = score([(one, replies)], noted)
    assert (result.faithful, result.faithful_blocked, result.total.notes) == (2, 0, 1)


def test_lines_without_a_readable_answer_are_counted() -> None:
    one = case()
    result = score([(one, [reply(one, text="nonsense", prompt_tokens=10)])])
    assert (result.unread_lines, result.lines, dict(result.faults)) == (4, 4, {"not_json": 1})
    assert result.prompt_tokens == 10


# Files


def test_a_lapse_must_be_in_its_text() -> None:
    lapse = Lapse(locale="de-DE", field="a", quote="nirgends", kind="promise")
    with pytest.raises(BadEvaluationSet, match=r"«nirgends» is not in de-DE a"):
        case_of_texts("x", RECORD, "", {"de-DE": {"a": "Etwas anderes."}}, [lapse])


def test_a_file_of_another_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadEvaluationSet, match="does not have any case"):
        read_set(tmp_path)
    (tmp_path / "bad.json").write_text('{"product": {}}')
    with pytest.raises(BadEvaluationSet, match=r"bad\.json: product"):
        read_set(tmp_path)
    with pytest.raises(BadEvaluationSet, match="does not have other"):
        read_set(tmp_path, ["other"])


def test_a_recording_of_other_texts_is_not_judged(tmp_path: Path) -> None:
    one, other = case(), case(("promise",))
    kept = {"one": {"digest": one.digest, "replies": [reply(one)]}}
    recording = Recording.model_validate(
        {"model": "m", "prompt_version": "v1", "recorded_at": "2026-11-27", "cases": kept}
    )
    write_recording(tmp_path / "kept" / "m.json", recording)
    again = read_recording(tmp_path / "kept" / "m.json")
    assert again == recording
    assert again.replies_to(one)
    with pytest.raises(BadEvaluationSet, match="is about other texts"):
        again.replies_to(other)
    with pytest.raises(BadEvaluationSet, match="no recorded answer about two"):
        again.replies_to(case(name="two"))


# Asking


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[RunningEmulator]:
    config = EmulatorConfig(data=tmp_path / "openai", port=0, job_seconds=0.2, pending_seconds=0.05)
    with running(config) as emulator:
        yield emulator


def settings_of(emulator: RunningEmulator) -> Settings:
    return make_settings(
        azure_openai_endpoint=emulator.url,
        openai_api_key=SecretStr(emulator.api_key),
        azure_openai_deployment_name="gpt-41-batch",
    )


@pytest.mark.parametrize(("how", "deployment"), [("online", "gpt-41-online"), ("batch", "gpt-41-batch")])
def test_a_deployment_is_asked(
    emulator: RunningEmulator,
    monkeypatch: pytest.MonkeyPatch,
    how: Literal["online", "batch"],
    deployment: str,
) -> None:
    monkeypatch.setattr(asking, "_PAUSE", 0.05)
    cases = [case(LAPSES, "flawed"), case((), "faithful")]
    model, replies = asking.ask(settings_of(emulator), cases, how, deployment, "chat", lambda _: None)
    assert model == "gpt-4.1-2025-04-14"
    result = score((each, replies[each.name].replies) for each in cases)
    assert (result.total.lapses, result.total.found) == (12, 12)
    assert (result.faithful, result.faithful_blocked, dict(result.faults)) == (2, 0, {})
    assert result.prompt_tokens > 2 * 2000
    assert emulator.ledger()["files"]["present"] == 0


def test_a_request_that_failed_leaves_its_lines_unread(
    emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_PAUSE", 0.05)
    emulator.faults(
        {"on": "request", "match": {"custom_id": "^000000"}, "effect": {"refusal": True}},
        {"on": "request", "match": {"custom_id": "^000001"}, "effect": {"missing": True}},
    )
    cases = [case(LAPSES, "refused"), case(LAPSES, "missing"), case(LAPSES, "read")]
    _, replies = asking.ask(settings_of(emulator), cases, "batch", "gpt-41-batch", "chat", lambda _: None)
    result = score((each, replies[each.name].replies) for each in cases)
    assert dict(result.faults) == {"refused": 1, "missing": 1}
    assert (result.unread_lines, result.total.found) == (8, 12)


def test_a_job_that_fails_says_why(emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_PAUSE", 0.05)
    with pytest.raises(asking.AskingFailed, match="model_not_found"):
        asking.ask(settings_of(emulator), [case()], "batch", "nowhere", "chat", lambda _: None)
    with pytest.raises(asking.AskingFailed, match="DeploymentNotFound"):
        asking.ask(settings_of(emulator), [case()], "online", "nowhere", "chat", lambda _: None)
    assert emulator.ledger()["files"]["present"] == 0


def test_a_job_is_cancelled_with_the_script(emulator: RunningEmulator) -> None:
    def interrupted(what: str) -> None:
        if what.startswith("job "):
            raise KeyboardInterrupt

    emulator.faults({"on": "job", "effect": {"job_seconds": 60}})
    with pytest.raises(KeyboardInterrupt):
        asking.ask(settings_of(emulator), [case()], "batch", "gpt-41-batch", "chat", interrupted)
    [job] = emulator.ledger()["jobs"]
    assert job["status"] in ("cancelling", "cancelled")
    assert emulator.ledger()["files"]["present"] == 0


# The command


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_command_judges_a_recording() -> None:
    code, printed = run("--recorded", str(CONSTRUCTED), "--json")
    assert code == 0
    [measured] = json.loads(printed)
    assert (measured["model"], measured["total"]["found"], measured["recall"]) == ("constructed", 50, 0.9259)
    assert len([line for line in measured["mistakes"] if line.startswith("missed")]) == 4


def test_one_case_and_other_severities() -> None:
    options = ("--case", "fnk-od1-lapses", "--kinds", "grammar=error", "--json")
    _, printed = run("--recorded", str(CONSTRUCTED), *options)
    [measured] = json.loads(printed)
    assert measured["total"]["lapses"] == 10
    assert measured["by_kind"]["grammar"]["blocked"] == 1


def test_the_setting_counts_where_no_severities_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERIFICATION_KINDS", "grammar=error")
    for options, blocked in (((), 3), (("--kinds", "grammar=warning"), 0)):
        [measured] = json.loads(run("--recorded", str(CONSTRUCTED), "--json", *options)[1])
        assert measured["by_kind"]["grammar"]["blocked"] == blocked


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Give either --recorded FILE or --ask"),
        (("--recorded", "x.json", "--ask", "online"), "Give either"),
        (("--recorded", "x.json", "--record", "y.json"), "go with --ask"),
        (("--recorded", "nowhere.json"), "cannot be read"),
        (("--recorded", str(CONSTRUCTED), "--kinds", "beauty=error"), "must be kinds"),
        (("--recorded", str(CONSTRUCTED), "--set", "nowhere"), "does not have any case"),
    ],
)
def test_wrong_usage_says_what_to_do(arguments: tuple[str, ...], message: str) -> None:
    code, output = run(*arguments)
    assert code == 2
    assert message in re.sub(r"\s+", " ", output)


def test_answers_are_kept_and_judged_again(
    emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "AZURE_OPENAI_ENDPOINT": emulator.url,
        "OPENAI_API_KEY": emulator.api_key,
        "AZURE_OPENAI_DEPLOYMENT_NAME": "gpt-41-batch",
        "AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME": "gpt-41-online",
        "STORAGE_CONNECTION_STRING": "UseDevelopmentStorage=true",
        "API_KEYS": "k",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "settings.json"
    file.write_text('{"Values": {}}')
    kept = tmp_path / "kept.json"
    code, printed = run("--ask", "online", "--record", str(kept), "--settings-file", str(file), "--json")
    assert code == 0, printed
    assert json.loads(run("--recorded", str(kept), "--json")[1]) == json.loads(printed)
    # The emulator knows no lapse but its own.
    assert json.loads(printed)[0]["total"]["found"] == 0
