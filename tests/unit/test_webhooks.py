import pytest

from shared.errors import NotConfigured
from shared.openai_batch.webhooks import ended_job
from shared.settings import Settings


def test_without_a_secret_no_event_is_believed(settings: Settings) -> None:
    with pytest.raises(NotConfigured, match="OPENAI_WEBHOOK_SECRET"):
        ended_job(settings, b"{}", {})
