"""The decision to send the last requests of a run online: they are few, and waiting costs more."""

from datetime import timedelta

import pytest

from shared.domain.batch import ONLINE_DEPLOYMENT, OpenAIBatch
from shared.domain.states import BatchStatus
from shared.domain.wait_reason import WaitReason
from shared.online_fallback.cost_decision import Costs, decide, expected_wait, stalled_duration
from tests.conftest import make_settings
from tests.examples import NOW

SETTINGS = make_settings(
    azure_openai_online_deployment_name="gpt-41-online", straggler_max_requests=5, wait_cost_per_hour=0.5
)


def ended(hours: float, job_status: str = "completed", deployment: str = "default") -> OpenAIBatch:
    return OpenAIBatch(
        batch_id="b",
        filename="f",
        created_at=NOW,
        run_id="r",
        category="c",
        deployment=deployment,
        job_status=job_status,
        submitted_at=NOW,
        completed_at=NOW + timedelta(hours=hours),
    )


@pytest.mark.parametrize(
    ("requests", "extra", "hours", "online"),
    [
        (5, 0.99, 2, True),
        (5, 1.0, 2, False),
        (5, 1.01, 2, False),
        (6, 0.01, 2, False),
        (1, 0.0, 0, False),
        (0, 0.0, 2, False),
    ],
)
def test_it_is_online_where_the_extra_is_below_the_cost_of_the_wait(
    requests: int, extra: float, hours: float, online: bool
) -> None:
    decided = decide(SETTINGS, requests, Costs(batch=1.5, online=1.5 + extra), timedelta(hours=hours))
    assert (decided.online, decided.requests) == (online, requests)
    assert (decided.batch_cost, decided.online_cost) == (1.5, 1.5 + extra)
    assert (decided.wait_hours, decided.wait_cost) == (hours, hours * 0.5)


def test_the_reason_contains_the_figures_of_the_decision() -> None:
    wait = timedelta(hours=6)
    assert decide(SETTINGS, 2, Costs(0.01, 0.02), wait).reason == (
        "waiting is more expensive: online costs 0.0100 USD more, and waiting 6.0 hours costs 3.0000 USD"
    )
    assert "STRAGGLER_MAX_REQUESTS=5" in decide(SETTINGS, 9, Costs(0.01, 0.02), wait).reason
    free = SETTINGS.model_copy(update={"wait_cost_per_hour": 0.0})
    assert decide(free, 2, Costs(0.01, 0.02), wait).reason.startswith("waiting is not more expensive")


def test_the_expected_wait_is_the_median_of_ended_batches_or_azures_target() -> None:
    assert expected_wait([]) == timedelta(hours=24)
    not_counted = [
        ended(1, "cancelled"),
        ended(1, "refused"),
        ended(0.1, deployment=ONLINE_DEPLOYMENT),
    ]
    assert expected_wait(not_counted) == timedelta(hours=24)
    waits = [ended(1), ended(2), ended(24, "expired"), *not_counted]
    assert expected_wait(waits) == timedelta(hours=2)


def test_jobs_count_as_stalled_only_when_none_makes_progress() -> None:
    now = NOW + timedelta(hours=5)

    def running(hours: float, **more: object) -> OpenAIBatch:
        changes = {"status": BatchStatus.IN_PROGRESS, "progress_at": NOW + timedelta(hours=hours), **more}
        return ended(0).model_copy(update=changes)

    assert stalled_duration([running(1), running(3)], now) == timedelta(hours=2)
    assert stalled_duration([], now) == timedelta()
    for other in (
        running(1, status=BatchStatus.SUBMITTING),
        running(1, progress_at=None),
        running(1, cancel_requested_at=NOW),
        running(1, wait_kind=WaitReason.ACCESS),
    ):
        assert stalled_duration([running(1), other], now) == timedelta()


def test_online_prices_are_batch_prices_times_the_factor_by_the_online_model() -> None:
    settings = SETTINGS.model_copy(update={"azure_openai_online_model": "gpt-4.1-mini"})
    online = settings.for_online_calls()
    assert online.azure_openai_deployment_name == "gpt-41-online"
    assert online.cost_of(1_000_000, 1_000_000) == pytest.approx(2 * (0.2 + 0.8))
    # The price is that of the model named in the answer.
    assert online.cost_of(1_000_000, 0, model="gpt-4.1-2025-04-14") == pytest.approx(2 * 1.0)
    assert SETTINGS.for_online_calls().cost_of(1_000_000, 0) == pytest.approx(2.0)
