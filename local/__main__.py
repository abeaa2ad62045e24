"""The command line of the local runtime.

python -m local run     start everything, bring the sample catalogue up to date, show it, stop everything
python -m local serve   start everything and keep it until Ctrl+C
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import NoReturn

from pydantic import ValidationError

from local import local_services
from local.azurite import NotInstalled
from local.local_services import FuncMissing, HostKind
from local.local_settings import API_KEY, LocalSettings, PortInUse
from local.processes import ROOT, Processes, ServiceFailed

_CANNOT_START = 2
_INTERRUPTED = 130


class _Stopped(Exception):
    """A signal asked this process to stop."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local", description="The app on one machine.")
    parser.add_argument("command", choices=["run", "serve"])
    parser.add_argument("--host", type=HostKind, choices=list(HostKind), default=HostKind.LOCAL)
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        settings = LocalSettings()
        serves = options.command == "serve"
        with local_services.running(settings, options.host, with_timers=serves) as processes:
            return _serve(settings, processes) if serves else _run(settings)
    except ValidationError as error:
        problems = "; ".join(
            f"LOCAL_{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in error.errors()
        )
        return _refuse(f"A setting of the local runtime is wrong. {problems}")
    except (PortInUse, NotInstalled, FuncMissing, ServiceFailed) as error:
        return _refuse(str(error))
    except _Stopped:
        print("\nStopped.", file=sys.stderr)
        return 0 if options.command == "serve" else _INTERRUPTED


def _run(settings: LocalSettings) -> int:
    command = [sys.executable, "-m", "scripts.demonstration", "--base-url", settings.base_url]
    demonstration = subprocess.run(command, cwd=ROOT, env={**os.environ, "API_KEY": API_KEY}, check=False)
    return demonstration.returncode


def _serve(settings: LocalSettings, processes: Processes) -> int:
    print(f"Dashboard: {settings.base_url}/api/v1/dashboard. Its key is {API_KEY}.")
    print(f"Azure OpenAI is emulated at http://127.0.0.1:{settings.emulator_port}. Nothing costs money.")
    print(f"Data and logs are kept in {settings.data}. Ctrl+C stops everything.", flush=True)
    while True:
        processes.check()
        time.sleep(0.5)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Stopped


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return _CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
