import pytest

from shared.config.settings import Settings
from shared.domain.errors import NotConfigured
from shared.openai_batch.webhook_events import ended_job


def test_without_a_secret_no_event_is_believed(settings: Settings) -> None:
    with pytest.raises(NotConfigured, match="OPENAI_WEBHOOK_SECRET"):
        ended_job(settings, b"{}", {})
