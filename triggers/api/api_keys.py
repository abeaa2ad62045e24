"""API keys and their scopes. A shop front that only reads content needs no key that can spend money."""

import hashlib
import hmac
from collections.abc import Iterable

import azure.functions as func

from shared.config.settings import Settings
from shared.domain.errors import Forbidden, Unauthorized
from triggers.schemas.common_schemas import KEYLESS, Scope

KEY_HEADER = "X-API-Key"


def check_key(settings: Settings, req: func.HttpRequest, scope: Scope) -> None:
    """Check that the call's key covers `scope`.

    Raises:
        Unauthorized: when there is no key, or the key is not configured.
        Forbidden: when the key may only read, and the call needs an operating key or starts work.
    """
    if scope in KEYLESS or (settings.allow_no_api_key and not settings.api_keys):
        return
    sent = _sent_key(req)
    # Every key is compared, each in constant time, so the response time reveals nothing about the keys.
    operates, reads = _is_one_of(sent, settings.api_keys), _is_one_of(sent, settings.read_api_keys)
    if not operates and not reads:
        raise Unauthorized(f"Send a configured API key in the header {KEY_HEADER}.")
    if scope == Scope.OPERATE and not operates:
        raise Forbidden("This key may only read. The call needs one of API_KEYS.")
    if scope == Scope.WORK and not operates and not settings.read_keys_may_export:
        raise Forbidden(
            "This key may only read, and the call starts work. Use one of API_KEYS, "
            "or allow it with READ_KEYS_MAY_EXPORT=true."
        )


def may_operate(settings: Settings, req: func.HttpRequest) -> bool:
    """Return True when the key of a call that passed `check_key` may do more than read."""
    is_open = settings.allow_no_api_key and not settings.api_keys
    return is_open or _is_one_of(_sent_key(req), settings.api_keys)


def fingerprint(req: func.HttpRequest) -> str:
    """Return a label for the key in the audit log: the first six hex digits of its SHA-256, never the key."""
    sent = _sent_key(req)
    return f"key {hashlib.sha256(sent).hexdigest()[:6]}" if sent else "no key"


def _sent_key(req: func.HttpRequest) -> bytes:
    # A header that is not UTF-8 arrives with lone surrogates. No key is equal to it.
    return (req.headers.get(KEY_HEADER) or "").encode("utf-8", "surrogatepass")


def _is_one_of(sent: bytes, keys: Iterable[str]) -> bool:
    # A list, not a generator: `any` must not stop at the first match.
    matches = [hmac.compare_digest(sent, key.encode()) for key in keys]
    return any(matches)
