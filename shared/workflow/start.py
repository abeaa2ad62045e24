"""Starting an orchestration once, whoever asks and however often."""

from typing import Any, Protocol


class OrchestrationClient(Protocol):
    """The part of the Durable client that starting needs (this package does not import Functions)."""

    async def start_new(
        self, orchestration_function_name: str, instance_id: str | None, client_input: Any
    ) -> str: ...


async def start_once(
    client: OrchestrationClient, name: str, instance_id: str, payload: dict[str, Any]
) -> bool:
    """Start an instance unless one with this id is running; the answer says whether this call started it.

    The host refuses a running id under `overridableExistingInstanceStates: NonRunningStates`; the refusal
    reaches Python as a plain `Exception` whose text says "already exists".
    """
    try:
        await client.start_new(name, instance_id, payload)
    except Exception as error:
        if "already exists" in str(error):
            return False
        raise
    return True
