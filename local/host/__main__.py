"""The host's command line."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from local.host.functions import AppNotLoaded, load
from local.host.routes import UnknownConstraint
from local.host.server import Host, HostOptions

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
        asyncio.run(_serve(Host(functions, host_options)))
    except (AppNotLoaded, UnknownConstraint) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(
            f"Port {options.port} on 127.0.0.1 cannot be used: {error.strerror}. "
            "Stop what holds it, or give another --port."
        )
    return 0


async def _serve(host: Host) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with host:
        logging.info("serving on %s", host.url)
        await stop.wait()


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201 - the command line
    return _CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
