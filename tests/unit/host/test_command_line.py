"""`python -m local.host`: its errors, and how it stops."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.host.functions import AppNotLoaded, load

ROOT = Path(__file__).parents[3]
APP = """
import azure.functions as func, azure.durable_functions as df
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
{body}
"""
HELLO = """
@app.route("hello")
def hello(req: func.HttpRequest) -> str:
    return "hello"
"""


def _write(folder: Path, body: str) -> None:
    (folder / "some_app.py").write_text(APP.format(body=body))


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.host", "--app", "some_app:app", "--data", str(folder), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_port_in_use_is_named_without_a_traceback(tmp_path: Path) -> None:
    _write(tmp_path, HELLO)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _run(tmp_path, "--port", str(port))
    assert done.returncode == 2
    assert f"Port {port} on 127.0.0.1 cannot be used: " in done.stderr
    assert "give another --port" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_message_of_an_app_that_refuses_its_settings_is_printed(tmp_path: Path) -> None:
    """With the file and the line, and without a traceback."""
    _write(tmp_path, 'raise ValueError("AZURE_OPENAI_ENDPOINT is missing: set it to your endpoint")')
    done = _run(tmp_path)
    assert done.returncode == 2
    assert "AZURE_OPENAI_ENDPOINT is missing: set it to your endpoint" in done.stderr
    assert "some_app.py:4" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            '@app.timer_trigger("timer", "%NO_SUCH_SETTING%")\ndef t(timer: func.TimerRequest) -> None: ...',
            "The schedule of timer function t is wrong: the setting NO_SUCH_SETTING is missing",
        ),
        (
            '@app.route("x/{id:even}")\ndef r(req: func.HttpRequest) -> str: ...',
            "the constraint 'even' is not known here",
        ),
        (
            '@app.route("/x")\ndef r(req: func.HttpRequest) -> str: ...',
            "Route '/x': a route cannot begin with '/' or '~'.",
        ),
        (
            '@app.queue_trigger("m", "q", "c")\ndef q(m: func.QueueMessage) -> None: ...',
            "Function q has a queueTrigger, which this host does not serve.",
        ),
    ],
)
def test_what_is_not_served_stops_the_start(tmp_path: Path, body: str, message: str) -> None:
    _write(tmp_path, body)
    done = _run(tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_app_of_this_project_names_the_setting_that_is_missing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AZURE_OPENAI")}
    done = subprocess.run(
        [sys.executable, "-m", "local.host", "--data", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "AZURE_OPENAI_ENDPOINT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_although_an_activity_is_running(tmp_path: Path, number: signal.Signals) -> None:
    _write(
        tmp_path,
        """
import time, pathlib
@app.activity_trigger(input_name="value")
def slow(value):
    pathlib.Path("begun").touch()
    time.sleep(60)

@app.orchestration_trigger(context_name="context")
def run(context):
    yield context.call_activity("slow")

@app.route("start")
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> str:
    return await client.start_new("run")

@app.timer_trigger("timer", "0 0 0 1 1 *", run_on_startup=True)
@app.durable_client_input(client_name="client")
async def begin(timer: func.TimerRequest, client) -> None:
    await client.start_new("run")
""",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "local.host", "--app", "some_app:app", "--data", "data", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        while not (tmp_path / "begun").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()


def test_a_missing_app_is_named() -> None:
    with pytest.raises(AppNotLoaded, match="The app no_such_module:app cannot be imported"):
        load("no_such_module:app")
    with pytest.raises(AppNotLoaded, match="no_such_app"):
        load("tests.unit.host.test_command_line:no_such_app")
