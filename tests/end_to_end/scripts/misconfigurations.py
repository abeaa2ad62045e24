"""Mistakes in a configuration, by kind, and what the doctor must find. For `test_doctor`."""

import json
from dataclasses import dataclass, field

ACCOUNT = "http://127.0.0.1:{}/devstoreaccount1"
STORAGE = "AccountName=devstoreaccount1;AccountKey=MDEy;BlobEndpoint={};TableEndpoint={}"
CLOSED_STORAGE = STORAGE.format(*[ACCOUNT.format("$closed")] * 2)
OPEN_STORAGE = STORAGE.format(ACCOUNT.format("$blob"), ACCOUNT.format("$table"))


@dataclass
class Broken:
    """One mistake in an otherwise good configuration, and the checks that are not ok for it.

    In the values of `changes`, `$closed` is a port where nothing listens; `$emulator`, `$blob` and `$table`
    are ports of the machine, and `$storage` is the connection string of its storage. `failed` maps the name
    of a check to words of its remedy.
    """

    changes: dict[str, str]
    failed: dict[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    not_set: tuple[str, ...] = ()


def further(port: str, deployment: str) -> str:
    """`MORE_DEPLOYMENTS` with one entry, `other`."""
    endpoint = f"http://127.0.0.1:{port}"
    entry = {
        "name": "other",
        "endpoint": endpoint,
        "deployment": deployment,
        "key_variable": "OPENAI_API_KEY",
    }
    return json.dumps([entry])


BROKEN = {
    "no price": Broken({"AZURE_OPENAI_MODEL": "gpt-77"}, {"price": "MODEL_PRICES"}),
    "no storage for the host": Broken(
        {"AzureWebJobsStorage": "", "STORAGE_CONNECTION_STRING": "$storage"},
        {"host storage": "Set AzureWebJobsStorage"},
    ),
    "wrong schedule": Broken({"NIGHTLY_SCHEDULE": "0 0 25 * * *"}, {"NIGHTLY_SCHEDULE": "six fields"}),
    "no schedule": Broken({"CLEANUP_SCHEDULE": ""}, {"CLEANUP_SCHEDULE": "such as 0 30 3 * * *"}),
    "storage out of reach": Broken(
        {"AzureWebJobsStorage": CLOSED_STORAGE},
        {"blob storage": "network rules", "table storage": "network rules"},
    ),
    "wrong key of storage": Broken(
        {"AzureWebJobsStorage": OPEN_STORAGE},
        {"blob storage": "Copy the connection string", "table storage": "Copy the connection string"},
    ),
    "storage out of reach, where jobs use blobs": Broken(
        {"AzureWebJobsStorage": CLOSED_STORAGE, "TRANSFER_MODE": "blob"},
        {"blob storage": "network rules", "table storage": "network rules"},
        skipped=("batch deployment",),
    ),
    "wrong key of Azure OpenAI": Broken(
        {"OPENAI_API_KEY": "wrong-key"},
        {"endpoint and key": "Copy OPENAI_API_KEY"},
        skipped=("batch deployment", "online deployment"),
    ),
    "endpoint out of reach": Broken(
        {"AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:$closed"},
        {"endpoint and key": "Check AZURE_OPENAI_ENDPOINT"},
        skipped=("batch deployment", "online deployment"),
    ),
    "batch deployment of an online type": Broken(
        {"AZURE_OPENAI_DEPLOYMENT_NAME": "gpt-41-online"},
        {"batch deployment": "must be a deployment of type GlobalBatch"},
    ),
    "no such batch deployment": Broken(
        {"AZURE_OPENAI_DEPLOYMENT_NAME": "nope"}, {"batch deployment": "There is no deployment nope"}
    ),
    "online deployment of the batch type": Broken(
        {"AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME": "gpt-41-batch"}, {"online deployment": "GlobalStandard"}
    ),
    "no online deployment": Broken(
        {"AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME": ""}, not_set=("online deployment",)
    ),
    "further deployment absent": Broken(
        {"MORE_DEPLOYMENTS": further("$emulator", "nope")},
        {"batch deployment of other": "entry of MORE_DEPLOYMENTS"},
    ),
    "further endpoint out of reach": Broken(
        {"MORE_DEPLOYMENTS": further("$closed", "gpt-41-batch")},
        {"endpoint and key of other": "entry of MORE_DEPLOYMENTS"},
        skipped=("batch deployment of other",),
    ),
}
