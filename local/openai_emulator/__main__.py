"""The emulator's command line."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from local.openai_emulator.config import (
    DEFAULT_DEPLOYMENTS,
    Deployment,
    EmulatorConfig,
    Quirk,
    TokenLimitMode,
)
from local.openai_emulator.emulator import Emulator
from local.openai_emulator.emulator_clock import Clock, ManualClock, SystemClock
from local.openai_emulator.emulator_server import Server
from local.openai_emulator.emulator_store import UnusableFolder
from local.openai_emulator.faults import Rule

_CANNOT_START = 2
log = logging.getLogger("local.openai_emulator")


def main() -> int:
    options = make_parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    config = EmulatorConfig(
        data=options.data,
        port=options.port,
        api_key=options.api_key,
        seed=options.seed,
        deployments=tuple(options.deployment or DEFAULT_DEPLOYMENTS),
        job_seconds=options.job_seconds,
        pending_seconds=options.pending_seconds,
        output_delay_seconds=options.output_delay_seconds,
        token_limit=options.token_limit,
        token_limit_mode=TokenLimitMode(options.token_limit_mode),
        quirks=frozenset(options.quirk),
        webhook_url=options.webhook_url,
        webhook_secret=options.webhook_secret,
        storage_connection_string=options.storage_connection_string,
    )
    clock: Clock = ManualClock(time.time()) if options.virtual_clock else SystemClock()
    try:
        emulator = Emulator(config, clock)
    except UnusableFolder as error:
        return _refuse(str(error))
    if options.faults is not None:
        emulator.faults.clear()
        emulator.faults.add(options.faults)
    try:
        asyncio.run(_serve(emulator))
    except OSError as error:
        return _refuse(
            f"Port {config.port} on 127.0.0.1 cannot be used: {os.strerror(error.errno or 0)}. "
            "Stop the process that uses it, or give another --port."
        )
    finally:
        emulator.stop()
    return 0


async def _serve(emulator: Emulator) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Server(emulator) as server:
        log.info("serving on %s", server.url)
        await stop.wait()


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.openai_emulator",
        description="Emulate the Azure OpenAI Batch endpoints on this machine.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=7072, help="port on 127.0.0.1 (0: any free one)")
    parser.add_argument("--data", type=Path, required=True, help="folder for state and files")
    parser.add_argument("--api-key", default=EmulatorConfig.api_key, help="the key that calls must send")
    parser.add_argument(
        "--deployment",
        type=Deployment.parse,
        action="append",
        metavar="NAME=MODEL:batch|online",
        help="a deployment of the resource, repeatable",
    )
    parser.add_argument(
        "--job-seconds", type=float, default=EmulatorConfig.job_seconds, help="how long a job takes"
    )
    parser.add_argument(
        "--pending-seconds",
        type=float,
        default=EmulatorConfig.pending_seconds,
        help="how long a file is pending",
    )
    parser.add_argument(
        "--output-delay-seconds",
        type=float,
        default=EmulatorConfig.output_delay_seconds,
        help="time from a job's completion until its files are named",
    )
    parser.add_argument(
        "--seed", type=int, default=EmulatorConfig.seed, help="seed of answers, order of lines, and faults"
    )
    parser.add_argument(
        "--token-limit",
        type=int,
        default=EmulatorConfig.token_limit,
        help="input tokens that a deployment may have enqueued",
    )
    parser.add_argument(
        "--token-limit-mode",
        choices=[mode.value for mode in TokenLimitMode],
        default=EmulatorConfig.token_limit_mode.value,
        help="how a full quota is reported: at create, or by a failed job",
    )
    parser.add_argument(
        "--quirk",
        type=Quirk,
        action="append",
        default=[],
        help=f"a way in which Azure's responses have differed, repeatable: {', '.join(Quirk)}",
    )
    parser.add_argument("--webhook-url", help="URL that receives batch events")
    parser.add_argument(
        "--webhook-secret", default=EmulatorConfig.webhook_secret, help="secret that signs the events"
    )
    parser.add_argument(
        "--storage-connection-string", help="access to input blobs and output folders whose URLs have no SAS"
    )
    parser.add_argument(
        "--faults", type=_rules, metavar="FILE", help="a JSON list of rules; they replace the rules in force"
    )
    parser.add_argument(
        "--virtual-clock", action="store_true", help="time stands still; POST /emulator/clock moves it"
    )
    return parser


def _rules(path: str) -> list[Rule]:
    try:
        return TypeAdapter(list[Rule]).validate_json(Path(path).read_bytes())
    except (OSError, ValidationError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201 - the command line
    return _CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
