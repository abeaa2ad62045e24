"""A world whose Azurite and emulator are processes, which can be killed with -9 and started again."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from local.azurite import Ports, command, connection_string
from local.network import free_ports, listens
from local.processes import Processes
from shared.domain import clock
from tests.emulator_process import EmulatorProcess
from tests.faults.harness.modes import Mode, world_settings
from tests.faults.harness.points import Fault
from tests.world import JOB_SECONDS, World

_AZURITE = "azurite"
_SAVES_OFTEN = Path(__file__).parent / "azurite_saves_often.js"
# Several intervals of its saving: what it has acknowledged by then is on disk.
_SAVED_SECONDS = 0.3


class KillableWorld(World):
    """`kill` ends a service with -9 and starts it again over the same data folder."""

    processes: Processes
    ports: Ports
    folder: Path

    def kill(self, fault: Fault) -> None:
        if fault == Fault.AZURITE_KILLED:
            time.sleep(_SAVED_SECONDS)
            self.processes.stop(_AZURITE, signal.SIGKILL)
            _start_azurite(self.processes, self.ports, self.folder)
            return
        assert isinstance(self.emulator, EmulatorProcess)
        self.emulator.stop(signal.SIGKILL)
        self.emulator.start()
        self.emulator.advance(0)


@contextmanager
def killable_world(folder: Path, mode: Mode = Mode.FILES) -> Iterator[KillableWorld]:
    """Both services, over folders of their own. A job takes a minute of virtual time."""
    with Processes(folder / "logs") as processes:
        ports = Ports(*free_ports(3))
        _start_azurite(processes, ports, folder)
        connection = connection_string(ports)
        emulator = EmulatorProcess(processes, folder / "openai", JOB_SECONDS, connection)
        with clock.use(lambda: datetime.fromtimestamp(emulator.clock.now(), UTC)):
            settings = world_settings(connection, "killable", mode)
            changed = settings.model_copy(update={"azure_openai_endpoint": emulator.url})
            world = KillableWorld(changed, emulator, emulator.clock)
            world.processes, world.ports, world.folder = processes, ports, folder
            yield world


def _start_azurite(processes: Processes, ports: Ports, folder: Path) -> None:
    environment = {**os.environ, "NODE_OPTIONS": f"--require={_SAVES_OFTEN}"}
    processes.start(
        _AZURITE, command(ports, folder / "azurite"), environment, lambda: all(map(listens, ports))
    )
