"""An emulator of the Azure OpenAI Batch endpoints. It works without the app, on this machine only.

Start it with `python -m local.openai_emulator --port 7072 --data DIR`, or in a test with
`with running(EmulatorConfig(data=folder, port=0), ManualClock()) as emulator`.
"""

from local.openai_emulator.config import Deployment, DeploymentType, EmulatorConfig, TokenLimitMode
from local.openai_emulator.emulator_clock import Clock, ManualClock, SystemClock
from local.openai_emulator.emulator_server import RunningEmulator, running
from local.openai_emulator.faults import Effect, Rule

__all__ = [
    "Clock",
    "Deployment",
    "DeploymentType",
    "Effect",
    "EmulatorConfig",
    "ManualClock",
    "Rule",
    "RunningEmulator",
    "SystemClock",
    "TokenLimitMode",
    "running",
]
