"""How the worlds of the matrix are set up."""

from pydantic import SecretStr

from shared.settings import Settings
from tests.conftest import make_settings
from tests.faults.harness.scenarios import LOCALES

JOB_SECONDS = 60


def world_settings(connection: str, name: str) -> Settings:
    """Few locales and small segments: a short run goes through every step, and some of them twice."""
    return make_settings(
        storage_connection_string=SecretStr(connection),
        table_prefix=name,
        blob_container=name,
        locales=LOCALES,
        segment_bytes=10_000,
    )
