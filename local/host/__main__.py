"""The host's command line.

An error in an app or its settings is printed to stderr without a traceback. The exit code is then 2.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from local.host.functions import AppNotLoaded, Functions, load
from local.host.host_server import Host, HostOptions, PortUnavailable
from local.host.host_store import DataInUse
from local.host.route_constraints import BadRoute

_CANNOT_START = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.host", description="Serve an Azure Functions app.")
    parser.add_argument("--app", default="function_app:app", help="module:attribute of the app")
    parser.add_argument("--port", type=int, default=7071, help="port on 127.0.0.1 (0: any free one)")
    parser.add_argument("--data", type=Path, default=Path(".local/host"), help="folder for histories")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("azure", "httpx2", "openai"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    sys.path.insert(0, str(Path.cwd()))
    try:
        functions = load(options.app)
        host_options = HostOptions.read(options.data, options.port, Path("host.json"))
        asyncio.run(_serve(functions, host_options))
    except (AppNotLoaded, BadRoute, DataInUse, PortUnavailable) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command line
        return _CANNOT_START
    return 0


async def _serve(functions: Functions, options: HostOptions) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Host(functions, options) as host:
        logging.info("serving on %s", host.url)
        await stop.wait()


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # sys.exit would wait for activities in threads. The next start runs unfinished activities again anyway.
    os._exit(code)
