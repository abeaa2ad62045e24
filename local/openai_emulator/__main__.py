"""The emulator's command line."""

import argparse
import asyncio
import logging
import signal
import sqlite3
import sys
from pathlib import Path

from local.openai_emulator.clock import Clock, ManualClock, SystemClock
from local.openai_emulator.config import DEFAULT_DEPLOYMENTS, Deployment, EmulatorConfig, TokenLimitMode
from local.openai_emulator.emulator import Emulator
from local.openai_emulator.server import Server

_CANNOT_START = 2
log = logging.getLogger("local.openai_emulator")


def main() -> int:
    options = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    config = EmulatorConfig(
        data=options.data,
        port=options.port,
        api_key=options.api_key,
        seed=options.seed,
        deployments=tuple(options.deployment or DEFAULT_DEPLOYMENTS),
        job_seconds=options.job_seconds,
        token_limit=options.token_limit,
        token_limit_mode=TokenLimitMode(options.token_limit_mode),
    )
    clock: Clock = ManualClock() if options.virtual_clock else SystemClock()
    try:
        emulator = Emulator(config, clock)
    except sqlite3.OperationalError as error:
        return _refuse(f"Data folder {config.data} cannot be used: {error}. Give another --data.")
    try:
        asyncio.run(_serve(emulator))
    except OSError as error:
        return _refuse(
            f"Port {config.port} on 127.0.0.1 cannot be used: {error.strerror}. "
            "Stop what holds it, or give another --port."
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.openai_emulator",
        description="Emulate the Azure OpenAI Batch endpoints on this machine.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=7072, help="port on 127.0.0.1 (0: any free one)")
    parser.add_argument("--data", type=Path, required=True, help="folder for state and files")
    parser.add_argument("--api-key", default=EmulatorConfig.api_key, help="the key that calls must bring")
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
    parser.add_argument("--seed", type=int, default=EmulatorConfig.seed, help="of answers, order and faults")
    parser.add_argument(
        "--token-limit",
        type=int,
        default=EmulatorConfig.token_limit,
        help="tokens a deployment may have enqueued",
    )
    parser.add_argument(
        "--token-limit-mode",
        choices=[mode.value for mode in TokenLimitMode],
        default=EmulatorConfig.token_limit_mode.value,
        help="how a full quota is said: at create, or by a failed job",
    )
    parser.add_argument(
        "--virtual-clock", action="store_true", help="time stands still; move it by POST /emulator/clock"
    )
    return parser


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201 - the command line
    return _CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
