"""API keys and what each may do: a shop front that reads must not hold a key that spends."""

import hashlib
import hmac
from collections.abc import Iterable

import azure.functions as func

from shared.config.settings import Settings
from shared.domain.errors import Forbidden, Unauthorized
from triggers.schemas.common_schemas import KEYLESS, Scope

KEY_HEADER = "X-API-Key"


def check_key(settings: Settings, req: func.HttpRequest, scope: Scope) -> None:
    """Let the call pass, or say why not.

    Raises:
        Unauthorized: no key, or one that is not configured.
        Forbidden: a key that may read, where one that operates is needed.
    """
    if scope in KEYLESS or (settings.allow_no_api_key and not settings.api_keys):
        return
    given = _given(req)
    # Every key is compared, each in constant time: the answer's delay tells nothing.
    operates, reads = _is_one_of(given, settings.api_keys), _is_one_of(given, settings.read_api_keys)
    if not operates and not reads:
        raise Unauthorized(f"Send one of the configured API keys in the header {KEY_HEADER}.")
    if scope == Scope.OPERATE and not operates:
        raise Forbidden("This key may read only; the call needs a key of API_KEYS.")


def may_operate(settings: Settings, req: func.HttpRequest) -> bool:
    """Whether a call that has passed may do more than read."""
    is_open = settings.allow_no_api_key and not settings.api_keys
    return is_open or _is_one_of(_given(req), settings.api_keys)


def fingerprint(req: func.HttpRequest) -> str:
    """Tells one key from another in the activity, and tells nobody the key: a piece of its SHA-256."""
    given = _given(req)
    return f"key {hashlib.sha256(given).hexdigest()[:6]}" if given else "no key"


def _given(req: func.HttpRequest) -> bytes:
    return (req.headers.get(KEY_HEADER) or "").encode()


def _is_one_of(given: bytes, keys: Iterable[str]) -> bool:
    matches = [hmac.compare_digest(given, key.encode()) for key in keys]
    return any(matches)
