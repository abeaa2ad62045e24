"""URLs of the Durable HTTP API: the paths, the URLs of an instance, and the content of a client binding.

Source: Azure/azure-functions-durable-extension, `HttpApiHandler.cs` (`GetClientResponseLinks`,
`GetInstanceCreationLinks`). Real URLs also carry the extension's key. This host has no keys.
"""

import json

PREFIX = "/runtime/webhooks/durabletask"
TASK_HUB = "local"
_QUERY = f"taskHub={TASK_HUB}&connection=Storage"


def management_urls(base_url: str, instance_id: str) -> dict[str, str]:
    """The URLs that manage an instance, under the extension's names."""
    instance = f"{base_url}{PREFIX}/instances/{instance_id}"
    return {
        "id": instance_id,
        "statusQueryGetUri": f"{instance}?{_QUERY}",
        "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}?{_QUERY}",
        "terminatePostUri": f"{instance}/terminate?reason={{text}}&{_QUERY}",
        "rewindPostUri": f"{instance}/rewind?reason={{text}}&{_QUERY}",
        "purgeHistoryDeleteUri": f"{instance}?{_QUERY}",
        "restartPostUri": f"{instance}/restart?{_QUERY}",
        "suspendPostUri": f"{instance}/suspend?reason={{text}}&{_QUERY}",
        "resumePostUri": f"{instance}/resume?reason={{text}}&{_QUERY}",
    }


def client_binding(base_url: str) -> str:
    """The value of a durableClient binding: JSON with the URLs of the Durable client."""
    rpc = f"{base_url}{PREFIX}/"
    create = f"{rpc}orchestrators/{{functionName}}[/{{instanceId}}]?code="
    return json.dumps(
        {
            "taskHubName": TASK_HUB,
            "creationUrls": {"createNewInstancePostUri": create},
            "managementUrls": management_urls(base_url, "INSTANCEID"),
            "baseUrl": rpc,
            "requiredQueryStringParameters": "",
            "rpcBaseUrl": rpc,
        }
    )
