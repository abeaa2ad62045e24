"""Start an orchestration once, however often and by how many callers it is requested."""

from typing import Any, Protocol


class OrchestrationClient(Protocol):
    """The part of the Durable client that is needed here. `shared` does not import Azure Functions."""

    async def start_new(
        self, orchestration_function_name: str, instance_id: str | None, client_input: Any
    ) -> str: ...


async def start_once(
    client: OrchestrationClient, name: str, instance_id: str, payload: dict[str, Any]
) -> bool:
    """Start an instance unless one with this id is running. Returns True when this call started it.

    With `overridableExistingInstanceStates: NonRunningStates`, the host refuses the id of a running instance.
    The refusal reaches Python as a plain `Exception` whose text contains "already exists".
    """
    try:
        await client.start_new(name, instance_id, payload)
    except Exception as error:
        if "already exists" in str(error):
            return False
        raise
    return True
