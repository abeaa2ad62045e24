"""Writing down who did what: every call that changes something, once it was taken."""

import logging

import azure.functions as func
from azure.core.exceptions import AzureError

from shared.composition import get_services
from triggers.api.api_keys import fingerprint


def record_call(name: str, req: func.HttpRequest, location: str) -> None:
    """Note a call in the activity. A failure is logged and stops nothing: the call was taken already."""
    what = next(iter(req.route_params.values()), "") or location.rsplit("/", 1)[-1]
    try:
        get_services().audit_log.record(fingerprint(req), name, what)
    except AzureError:
        logging.exception("the call %s was taken and could not be noted", name)
