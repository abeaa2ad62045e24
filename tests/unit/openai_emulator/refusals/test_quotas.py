"""The quotas of files and of enqueued tokens."""

from dataclasses import replace
from typing import Any

import openai
import pytest

from local.openai_emulator import (
    Deployment,
    DeploymentType,
    EmulatorConfig,
    ManualClock,
    RunningEmulator,
    TokenLimitMode,
    running,
)
from tests.unit.openai_emulator.client import (
    BATCH,
    FORTNIGHT,
    client_of,
    finish,
    refusal_of,
    requests,
    retrieve,
    submit,
    upload,
)


@pytest.mark.parametrize(
    ("maximum", "expiry", "message"),
    [
        (3, None, "The quota for files without expiry is reached. The maximum is 3."),
        (4, {"anchor": "created_at", "seconds": FORTNIGHT}, "The quota for files with expiry is reached."),
    ],
)
def test_the_file_quota(
    openai_emulator: RunningEmulator, maximum: int, expiry: dict[str, Any] | None, message: str
) -> None:
    options = {"expires_after": expiry} if expiry else {}
    files = [upload(openai_emulator, requests(1), **options) for _ in range(maximum)]
    with pytest.raises(openai.BadRequestError) as refused:
        upload(openai_emulator, requests(1), **options)
    status, code, actual = refusal_of(refused.value)
    assert (status, code) == (400, "quotaExceeded")
    assert message in actual
    client_of(openai_emulator).files.delete(files[0].id)
    upload(openai_emulator, requests(1), **options)


def test_output_files_count_in_the_file_quota(openai_emulator: RunningEmulator) -> None:
    finish(openai_emulator, requests(1))
    with pytest.raises(openai.BadRequestError) as refused:
        upload(openai_emulator, requests(1))
    assert refusal_of(refused.value)[1] == "quotaExceeded"


def tight(config: EmulatorConfig, mode: TokenLimitMode) -> EmulatorConfig:
    """A quota for exactly one job of six requests."""
    return replace(config, max_files_without_expiry=9, token_limit=1000, token_limit_mode=mode)


def test_a_full_quota_is_refused_at_create(openai_emulator_config: EmulatorConfig) -> None:
    config = tight(openai_emulator_config, TokenLimitMode.AT_CREATE)
    with running(config, ManualClock()) as emulator:
        first = submit(emulator, requests(6))
        with pytest.raises(openai.BadRequestError) as refused:
            submit(emulator, requests(6))
        status, code, actual = refusal_of(refused.value)
        assert (status, code) == (400, "token_limit_exceeded")
        assert actual.startswith(
            "The number of enqueued tokens has surpassed the configured limit of 1K for the deployment "
            f"'{BATCH}'."
        )
        assert 500 < emulator.ledger()["enqueued_tokens"] < 1000
        emulator.advance(60)
        assert retrieve(emulator, first).status == "completed"
        assert finish(emulator, requests(6)).status == "completed"


def test_a_full_quota_fails_the_job_later(openai_emulator_config: EmulatorConfig) -> None:
    config = tight(openai_emulator_config, TokenLimitMode.FAILED_JOB)
    with running(config, ManualClock()) as emulator:
        first, second = submit(emulator, requests(6)), submit(emulator, requests(6))
        emulator.advance(60)
        failed = retrieve(emulator, second)
        assert (failed.status, retrieve(emulator, first).status) == ("failed", "completed")
        assert failed.errors is not None
        assert failed.errors.data is not None
        assert failed.errors.data[0].code == "token_limit_exceeded"
        assert finish(emulator, requests(6)).status == "completed"
        assert emulator.ledger()["requests"]["charged"] == 12


def test_a_quota_of_a_deployment_bites_before_the_subscription(
    openai_emulator_config: EmulatorConfig,
) -> None:
    own = Deployment(BATCH, "gpt-4.1-2025-04-14", DeploymentType.BATCH, token_limit=30_000)
    config = replace(openai_emulator_config, deployments=(own,), max_requests=1000, max_file_bytes=10**6)
    with running(config, ManualClock()) as emulator:
        with pytest.raises(openai.BadRequestError) as refused:
            submit(emulator, requests(300))
        assert "limit of 30K" in refusal_of(refused.value)[2]


def test_events_happen_in_order_however_far_the_clock_moves(
    openai_emulator_config: EmulatorConfig,
) -> None:
    """The second job is validated after the first has ended, so the quota has room for it."""
    config = tight(openai_emulator_config, TokenLimitMode.FAILED_JOB)
    with running(config, ManualClock()) as emulator:
        submit(emulator, requests(6))
        emulator.advance(56)
        second = submit(emulator, requests(6))
        emulator.advance(1000)
        assert retrieve(emulator, second).status == "completed"
        early = submit(emulator, requests(6))
        emulator.advance(50)
        late = submit(emulator, requests(6))
        emulator.advance(1000)
        assert (retrieve(emulator, early).status, retrieve(emulator, late).status) == ("completed", "failed")
