"""The settings of the local runtime, and the environment that it gives to the app."""

import json
import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from local import azurite
from local.network import LOOPBACK, why_unusable

API_KEY = "local-key"
READ_API_KEY = "local-read-key"
# The name of the deployment at the second resource, in MORE_DEPLOYMENTS and in batch records.
SECOND = "second"
_EMULATOR_KEY = "emulator-key"
_BATCH_DEPLOYMENT = "gpt-41-batch"
_ONLINE_DEPLOYMENT = "gpt-41-online"
WEBHOOK_SECRET = "whsec_bG9jYWwtd2ViaG9vay1zZWNyZXQ="  # noqa: S105 - used on this machine only
_MODEL = "gpt-4.1-2025-04-14"


class PortInUse(Exception):
    """A port is taken. The text says which, and which setting changes it."""


class LocalSettings(BaseSettings):
    """Settings from the environment. Each name has the prefix `LOCAL_`."""

    model_config = SettingsConfigDict(env_prefix="LOCAL_", frozen=True, env_ignore_empty=True)

    host_port: int = Field(default=7071, ge=1, le=65535)
    emulator_port: int = Field(default=7072, ge=1, le=65535)
    second_emulator_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port of a second emulated resource; without it there is one",
    )
    blob_port: int = Field(default=10000, ge=1, le=65535)
    queue_port: int = Field(default=10001, ge=1, le=65535)
    table_port: int = Field(default=10002, ge=1, le=65535)
    data: Path = Path(".local")
    job_seconds: float = Field(default=3.0, ge=0, description="seconds that an emulated job takes")
    webhooks: bool = Field(default=False, description="whether the emulator sends webhooks when jobs end")

    @property
    def storage(self) -> azurite.Ports:
        return azurite.Ports(self.blob_port, self.queue_port, self.table_port)

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self.host_port}"

    def check_ports(self) -> None:
        """Check that all ports can be used.

        Raises:
            PortInUse: naming the first port that cannot.
        """
        emulators = ("emulator_port", "second_emulator_port")
        for name in ("host_port", *emulators, "blob_port", "queue_port", "table_port"):
            port = getattr(self, name)
            reason = port and why_unusable(port)
            if reason:
                raise PortInUse(
                    f"Port {port} on {LOOPBACK} cannot be used: {reason}. Stop the process that uses it, "
                    f"or choose another port: LOCAL_{name.upper()}=<port> make …"
                )

    def emulator_arguments(self, port: int) -> list[str]:
        """The command-line arguments of the emulator of Azure OpenAI on `port`."""
        return [
            "--port", str(port),
            "--data", str(self.data / ("openai" if port == self.emulator_port else "openai-second")),
            "--api-key", _EMULATOR_KEY,
            "--deployment", f"{_BATCH_DEPLOYMENT}={_MODEL}:batch",
            "--deployment", f"{_ONLINE_DEPLOYMENT}={_MODEL}:online",
            "--job-seconds", str(self.job_seconds),
            *self._webhook(),
            "--storage-connection-string", azurite.connection_string(self.storage),
        ]  # fmt: skip

    def _webhook(self) -> list[str]:
        if not self.webhooks:
            return []
        url = f"{self.base_url}/api/v1/webhooks/azure-openai"
        return ["--webhook-url", url, "--webhook-secret", WEBHOOK_SECRET]

    def _more_deployments(self) -> str:
        """The value of `MORE_DEPLOYMENTS`: the second resource. Both resources accept the same key."""
        if self.second_emulator_port is None:
            return ""
        endpoint = f"http://{LOOPBACK}:{self.second_emulator_port}"
        second = {"name": SECOND, "endpoint": endpoint, "deployment": _BATCH_DEPLOYMENT}
        return json.dumps([{**second, "key_variable": "OPENAI_API_KEY"}])

    def app_environment(self, with_timers: bool = True) -> dict[str, str]:
        """The environment of the app: that of this process, but without access to a real Azure.

        Endpoints, deployments, keys and storage are always the local ones. Other variables that the user has
        set are kept. The intervals and schedules that the user has not set get values for jobs that take
        seconds. `with_timers`: False disables the timers `nightly` and `cleanup`; the reconciler still runs.
        """
        forced = {
            "AzureWebJobsStorage": azurite.connection_string(self.storage),
            "STORAGE_CONNECTION_STRING": "",
            "STORAGE_ACCOUNT_NAME": "",
            "AZURE_OPENAI_ENDPOINT": f"http://{LOOPBACK}:{self.emulator_port}",
            "AZURE_OPENAI_DEPLOYMENT_NAME": _BATCH_DEPLOYMENT,
            "AZURE_OPENAI_MODEL": _MODEL,
            "AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME": _ONLINE_DEPLOYMENT,
            "OPENAI_API_KEY": _EMULATOR_KEY,
            "MORE_DEPLOYMENTS": self._more_deployments(),
            "OPENAI_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "API_KEYS": API_KEY,
            "READ_API_KEYS": READ_API_KEY,
            "FUNCTIONS_WORKER_RUNTIME": "python",
        }
        defaults = {
            "POLL_INITIAL_SECONDS": "1",
            "POLL_MAX_SECONDS": "5",
            "SUBMIT_GRACE_SECONDS": "2",
            "SUBMIT_LEASE_SECONDS": "15",
            "QUOTA_BACKOFF_SECONDS": "2",
            "QUOTA_BACKOFF_MAX_SECONDS": "30",
            "RECONCILE_SCHEDULE": "*/15 * * * * *",
            "NIGHTLY_SCHEDULE": "0 0 2 * * *",
            "CLEANUP_SCHEDULE": "0 30 3 * * *",
        }
        if not with_timers:
            forced |= {f"AzureWebJobs.{name}.Disabled": "true" for name in ("nightly", "cleanup")}
        return {**defaults, **os.environ, **forced}
