"""Online chat completions: the same answers as in a batch, one per call, on online deployments."""

from typing import Any
from uuid import uuid4

from local.openai_emulator import refusals
from local.openai_emulator.completions import Completion, complete
from local.openai_emulator.config import DeploymentType, EmulatorConfig
from local.openai_emulator.emulator_clock import Clock
from local.openai_emulator.emulator_store import Store
from local.openai_emulator.ledger import ONLINE
from local.openai_emulator.refusals import Refusal


class Online:
    """Answers online chat calls and records them in the ledger."""

    def __init__(self, config: EmulatorConfig, store: Store, clock: Clock) -> None:
        self._config = config
        self._store = store
        self._clock = clock

    def complete(self, name: object, body: dict[str, Any], effects: dict[str, Any]) -> Completion:
        """Answer a chat request on the deployment `name`.

        Raises:
            Refusal: when there is no such deployment, or it is a batch deployment.
        """
        deployment = self._config.deployment(name)
        if deployment is None:
            raise Refusal(refusals.NO_DEPLOYMENT)
        if deployment.type is not DeploymentType.ONLINE:
            raise Refusal(refusals.NOT_ONLINE, model=deployment.model)
        # A random seed: two identical online calls get different answers.
        seed = f"{self._config.seed}:{uuid4().hex}"
        completion = complete(body, deployment, seed, int(self._clock.now()), effects)
        self._store.execute(
            "INSERT INTO requests SELECT ?, COALESCE(MAX(line), 0) + 1, ?, ?, ?, ?, ?, ? "
            "FROM requests WHERE job_id = ?",
            (
                ONLINE,
                completion.request_id,
                completion.product,
                " ".join(completion.locales),
                completion.status,
                completion.prompt_tokens,
                completion.completion_tokens,
                ONLINE,
            ),
        )
        return completion
