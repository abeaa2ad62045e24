"""Settings that are right each by itself and do not fit together."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from shared.content.response_schema import largest_group
from shared.content.sizes import worst_case_tokens
from shared.deployments import DEFAULT, ONLINE, online_settings
from shared.models.batch import TransferMode
from shared.stores.registry import stores

if TYPE_CHECKING:
    from shared.settings import Settings

_MOST_FILE_BYTES = 200_000_000
LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class Misfit(NamedTuple):
    """A rule that is broken: the setting that breaks it, what is wrong, and the others that it depends on."""

    setting: str
    said: str
    beside: tuple[str, ...] = ()


class DoNotFit(ValueError):
    """Settings do not fit together; `misfits` names each."""

    def __init__(self, misfits: list[Misfit]) -> None:
        super().__init__("; ".join(f"{misfit.setting} {misfit.said}" for misfit in misfits))
        self.misfits = misfits


def misfits(settings: "Settings") -> list[Misfit]:
    """Every rule that the settings break."""
    return [
        *_access(settings),
        *_deployments(settings),
        *_online(settings),
        *_sizes(settings),
        *_money(settings),
    ]


def _access(settings: "Settings") -> Iterator[Misfit]:
    if not settings.storage_connection_string.get_secret_value() and not settings.storage_account_name:
        said = "(or AzureWebJobsStorage) or STORAGE_ACCOUNT_NAME must be set"
        yield Misfit("STORAGE_CONNECTION_STRING", said)
    if not settings.api_keys and not settings.allow_no_api_key:
        said = "must hold at least one key (ALLOW_NO_API_KEY=true for local use only)"
        yield Misfit("API_KEYS", said, ("ALLOW_NO_API_KEY",))
    if set(settings.api_keys) & set(settings.read_api_keys):
        said = "must not hold a key of API_KEYS: a key either operates or reads"
        yield Misfit("READ_API_KEYS", said, ("API_KEYS",))
    known = {*stores(), *(host for store in stores().values() for host in store.hosts)}
    if unknown := sorted(set(settings.affiliate_ids) - known):
        yield Misfit("AFFILIATE_IDS", f"names no store or host of the registry: {', '.join(unknown)}")
    notify = settings.notification_url.get_secret_value()
    if notify and not notify.startswith(("https://", *LOOPBACK)):
        yield Misfit("NOTIFICATION_URL", "must begin with https:// (http only for 127.0.0.1)")


def _deployments(settings: "Settings") -> Iterator[Misfit]:
    further = settings.more_deployments
    names = [each.name for each in further]
    if {DEFAULT, ONLINE} & set(names) or len(set(names)) < len(names):
        said = f"must give each a name of its own, and none {DEFAULT!r} or {ONLINE!r}"
        yield Misfit("MORE_DEPLOYMENTS", said)
    for each in further:
        if not each.endpoint.startswith(("https://", *LOOPBACK)):
            said = f"endpoint of {each.name} must be https://<resource>.openai.azure.com"
            yield Misfit("MORE_DEPLOYMENTS", said)
        if each.key_variable and not each.key.get_secret_value():
            said = f"names {each.key_variable} as the key of {each.name}, and that variable is not set"
            yield Misfit("MORE_DEPLOYMENTS", said)
        if each.enqueued_token_limit and settings.max_tokens_per_file * 1.05 > each.enqueued_token_limit:
            said = f"must be at most 95 % of the enqueued_token_limit of {each.name} in MORE_DEPLOYMENTS"
            yield Misfit("MAX_TOKENS_PER_FILE", said, ("MORE_DEPLOYMENTS",))


def _online(settings: "Settings") -> Iterator[Misfit]:
    if settings.transfer_mode == TransferMode.ONLINE:
        yield Misfit("TRANSFER_MODE", "must be files or blob; STRAGGLER_MAX_REQUESTS is what asks online")
    if not settings.straggler_max_requests:
        return
    if not settings.azure_openai_online_deployment_name:
        said = "must name an online deployment, where STRAGGLER_MAX_REQUESTS asks the last of a run"
        yield Misfit("AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME", said, ("STRAGGLER_MAX_REQUESTS",))
    elif note := online_settings(settings).price_note or settings.price_note:
        said = f"must hold what STRAGGLER_MAX_REQUESTS weighs the wait against: {note}"
        beside = ("AZURE_OPENAI_ONLINE_MODEL", "AZURE_OPENAI_MODEL", "STRAGGLER_MAX_REQUESTS")
        yield Misfit("MODEL_PRICES", said, beside)


def _sizes(settings: "Settings") -> Iterator[Misfit]:
    if settings.locales_per_request > largest_group():
        said = f"must be at most {largest_group()}: Azure allows 100 object properties in a response schema"
        yield Misfit("LOCALES_PER_REQUEST", said)
    if settings.enqueued_token_limit and settings.max_tokens_per_file * 1.05 > settings.enqueued_token_limit:
        said = "must be at most 95 % of ENQUEUED_TOKEN_LIMIT: a file that needs more would wait for ever"
        yield Misfit("MAX_TOKENS_PER_FILE", said, ("ENQUEUED_TOKEN_LIMIT",))
    if settings.transfer_mode == TransferMode.FILES and settings.max_bytes_per_file > _MOST_FILE_BYTES:
        said = (
            f"must be at most {_MOST_FILE_BYTES}: Azure takes no larger file, but blobs (TRANSFER_MODE=blob)"
        )
        yield Misfit("MAX_BYTES_PER_FILE", said, ("TRANSFER_MODE",))
    longest = max(worst_case_tokens(group) for group in settings.locale_groups)
    if longest > settings.max_tokens:
        said = (
            f"must be at least {longest}: the longest valid answer for "
            f"LOCALES_PER_REQUEST={settings.locales_per_request} takes that many"
        )
        yield Misfit("MAX_TOKENS", said, ("LOCALES_PER_REQUEST", "LOCALES"))
    if settings.poll_max_seconds < settings.poll_initial_seconds:
        said = "must not be below POLL_INITIAL_SECONDS"
        yield Misfit("POLL_MAX_SECONDS", said, ("POLL_INITIAL_SECONDS",))


def _money(settings: "Settings") -> Iterator[Misfit]:
    if settings.price_note and (settings.max_run_cost or settings.max_month_cost):
        said = f"must hold what MAX_RUN_COST and MAX_MONTH_COST count by: {settings.price_note}"
        beside = ("AZURE_OPENAI_MODEL", "AZURE_OPENAI_DEPLOYMENT_NAME", "MAX_RUN_COST", "MAX_MONTH_COST")
        yield Misfit("MODEL_PRICES", said, beside)
