"""The ways in which the app uses Azure OpenAI (files, blobs, two deployments), and a world for each."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from unittest import mock

from pydantic import SecretStr

from local.openai_emulator import Deployment as Emulated
from local.openai_emulator import DeploymentType, EmulatorConfig, running
from shared.config.deployments import Deployment
from shared.config.settings import Settings
from shared.domain.batch import TransferMode
from tests.conftest import make_settings
from tests.faults.harness.resources import Resources
from tests.faults.harness.scenarios import LOCALES, SECOND
from tests.world import JOB_SECONDS, World, make_world

_KEY = "SECOND_RESOURCE_KEY"
# A file of 50 million tokens fits into each. The second has more room, so that a first batch goes there.
_TOKENS, _MORE_TOKENS = 60_000_000, 120_000_000


class Mode(StrEnum):
    """The kind of world."""

    FILES = "files"
    BLOB = "blob"
    TWO = "two deployments"


def world_settings(connection: str, name: str, mode: Mode = Mode.FILES) -> Settings:
    """Few locales and small segments: a short run goes through every step, and some of them twice."""
    return make_settings(
        storage_connection_string=SecretStr(connection),
        table_prefix=name,
        blob_container=name,
        locales=LOCALES,
        locales_per_request=1,
        segment_bytes=10_000,
        transfer_mode=TransferMode.BLOB if mode == Mode.BLOB else TransferMode.FILES,
    )


@contextmanager
def world_of(mode: Mode, connection: str, name: str, data: Path) -> Iterator[World]:
    """A world with one resource, or with two."""
    settings = world_settings(connection, name, mode)
    config = EmulatorConfig(data=data, port=0, job_seconds=JOB_SECONDS)
    with make_world(settings, data, config) as world:
        if mode == Mode.TWO:
            with _with_second(world, data / "second") as made:
                yield made
        else:
            yield world


@contextmanager
def _with_second(world: World, data: Path) -> Iterator[World]:
    emulated = Emulated(SECOND, "gpt-4.1-2025-04-14", DeploymentType.BATCH)
    config = EmulatorConfig(data=data, port=0, job_seconds=JOB_SECONDS, deployments=(emulated,))
    with running(config, world.clock) as other, mock.patch.dict(os.environ, {_KEY: config.api_key}):
        second = Deployment(
            name=SECOND,
            endpoint=other.url,
            deployment=SECOND,
            key_variable=_KEY,
            enqueued_token_limit=_MORE_TOKENS,
        )
        changes = {"enqueued_token_limit": _TOKENS, "more_deployments": (second,)}
        settings = world.settings.model_copy(update=changes)
        yield World(settings, Resources(world.emulator, other), world.clock)
