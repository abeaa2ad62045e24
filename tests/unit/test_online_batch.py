import pytest

from shared.domain.batch import OpenAIBatch
from tests.conftest import make_settings
from tests.examples import NOW

BATCH = OpenAIBatch(batch_id="b", filename="f", created_at=NOW, run_id="r", category="c")


def test_a_batch_becomes_an_online_one_in_both_stored_fields() -> None:
    online = BATCH.as_online()
    assert (BATCH.is_online, online.is_online) == (False, True)
    assert {"transfer": "online", "deployment": "online"}.items() <= online.model_dump(mode="json").items()


def test_an_online_batch_costs_online_prices() -> None:
    settings = make_settings(azure_openai_online_deployment_name="online", online_price_factor=3)
    cost = settings.priced_for(BATCH).cost_of(1000, 1000)
    assert cost > 0
    assert settings.priced_for(BATCH.as_online()).cost_of(1000, 1000) == pytest.approx(3 * cost)
