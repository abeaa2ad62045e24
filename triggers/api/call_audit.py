"""The audit of API calls: every accepted call that changes something is recorded with its caller."""

import logging

import azure.functions as func
from azure.core.exceptions import AzureError

from shared.composition import get_services
from triggers.api.api_keys import fingerprint


def record_call(name: str, req: func.HttpRequest, location: str) -> None:
    """Record an accepted call in the audit log.

    A storage failure is logged and does not fail the call: the call has taken effect already.
    """
    target = next(iter(req.route_params.values()), "") or location.rsplit("/", 1)[-1]
    try:
        get_services().audit_log.record(fingerprint(req), name, target)
    except AzureError:
        logging.exception("the call %s was accepted but could not be recorded in the audit log", name)
