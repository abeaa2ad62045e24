"""The rules between settings, each of which is valid by itself."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.config.derived_settings import DerivedSettings
from shared.content.worst_case_tokens import longest_plan, worst_case_tokens
from shared.domain.batch import DEFAULT_DEPLOYMENT, ONLINE_DEPLOYMENT, TransferMode
from shared.domain.web_address import is_secure
from shared.retailers.registry import stores

_MOST_FILE_BYTES = 200_000_000


class SettingConflict(NamedTuple):
    """A broken rule: the setting that breaks it, what is wrong, and the other settings that it depends on."""

    setting: str
    message: str
    related: tuple[str, ...] = ()


class ConflictingSettings(ValueError):
    """Settings contradict each other; `conflicts` lists every broken rule."""

    def __init__(self, conflicts: list[SettingConflict]) -> None:
        super().__init__("; ".join(f"{conflict.setting} {conflict.message}" for conflict in conflicts))
        self.conflicts = conflicts


def find_conflicts(settings: DerivedSettings) -> list[SettingConflict]:
    """All rules that the settings break."""
    return [
        *_access(settings),
        *_deployments(settings),
        *_online(settings),
        *_sizes(settings),
        *_money(settings),
    ]


def _access(settings: DerivedSettings) -> Iterator[SettingConflict]:
    if not settings.storage_connection_string.get_secret_value() and not settings.storage_account_name:
        message = "(or AzureWebJobsStorage) or STORAGE_ACCOUNT_NAME must be set"
        yield SettingConflict("STORAGE_CONNECTION_STRING", message)
    if not settings.api_keys and not settings.allow_no_api_key:
        message = "must hold at least one key (ALLOW_NO_API_KEY=true for local use only)"
        yield SettingConflict("API_KEYS", message, ("ALLOW_NO_API_KEY",))
    if set(settings.api_keys) & set(settings.read_api_keys):
        message = "must not hold a key of API_KEYS: a key either operates or reads"
        yield SettingConflict("READ_API_KEYS", message, ("API_KEYS",))
    known = {*stores(), *(host for store in stores().values() for host in store.hosts)}
    if unknown := sorted(set(settings.affiliate_ids) - known):
        yield SettingConflict(
            "AFFILIATE_IDS", f"names no store or host of the registry: {', '.join(unknown)}"
        )
    notify = settings.notification_url.get_secret_value()
    if notify and not is_secure(notify):
        yield SettingConflict("NOTIFICATION_URL", "must begin with https:// (http only for 127.0.0.1)")


def _deployments(settings: DerivedSettings) -> Iterator[SettingConflict]:
    further = settings.more_deployments
    names = [each.name for each in further]
    if {DEFAULT_DEPLOYMENT, ONLINE_DEPLOYMENT} & set(names) or len(set(names)) < len(names):
        message = f"must give each a unique name, other than {DEFAULT_DEPLOYMENT!r} and {ONLINE_DEPLOYMENT!r}"
        yield SettingConflict("MORE_DEPLOYMENTS", message)
    for each in further:
        if not is_secure(each.endpoint):
            message = f"endpoint of {each.name} must be https://<resource>.openai.azure.com"
            yield SettingConflict("MORE_DEPLOYMENTS", message)
        if each.key_variable and not each.key.get_secret_value():
            message = f"names {each.key_variable} as the key of {each.name}, but that variable is not set"
            yield SettingConflict("MORE_DEPLOYMENTS", message)
        if each.enqueued_token_limit and settings.max_tokens_per_file * 1.05 > each.enqueued_token_limit:
            message = f"must be at most 95 % of the enqueued_token_limit of {each.name} in MORE_DEPLOYMENTS"
            yield SettingConflict("MAX_TOKENS_PER_FILE", message, ("MORE_DEPLOYMENTS",))


def _online(settings: DerivedSettings) -> Iterator[SettingConflict]:
    if settings.transfer_mode == TransferMode.ONLINE:
        yield SettingConflict(
            "TRANSFER_MODE", "must be files or blob; STRAGGLER_MAX_REQUESTS switches online calls on"
        )
    if not settings.straggler_max_requests:
        return
    if not settings.azure_openai_online_deployment_name:
        message = "must name an online deployment when STRAGGLER_MAX_REQUESTS is set"
        yield SettingConflict("AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME", message, ("STRAGGLER_MAX_REQUESTS",))
    elif note := settings.for_online_calls().price_note or settings.price_note:
        message = f"must hold the prices that STRAGGLER_MAX_REQUESTS compares: {note}"
        related = ("AZURE_OPENAI_ONLINE_MODEL", "AZURE_OPENAI_MODEL", "STRAGGLER_MAX_REQUESTS")
        yield SettingConflict("MODEL_PRICES", message, related)


def _sizes(settings: DerivedSettings) -> Iterator[SettingConflict]:
    if settings.enqueued_token_limit and settings.max_tokens_per_file * 1.05 > settings.enqueued_token_limit:
        message = "must be at most 95 % of ENQUEUED_TOKEN_LIMIT: a larger file would wait for ever"
        yield SettingConflict("MAX_TOKENS_PER_FILE", message, ("ENQUEUED_TOKEN_LIMIT",))
    if settings.transfer_mode == TransferMode.FILES and settings.max_bytes_per_file > _MOST_FILE_BYTES:
        message = (
            f"must be at most {_MOST_FILE_BYTES}, the largest file that Azure takes; "
            "larger ones need TRANSFER_MODE=blob"
        )
        yield SettingConflict("MAX_BYTES_PER_FILE", message, ("TRANSFER_MODE",))
    longest = max(worst_case_tokens(group, longest_plan()) for group in settings.locale_groups)
    if longest > settings.max_tokens:
        message = (
            f"must be at least {longest}: the longest valid answer for "
            f"LOCALES_PER_REQUEST={settings.locales_per_request or 1} has that many tokens"
        )
        yield SettingConflict("MAX_TOKENS", message, ("LOCALES_PER_REQUEST", "LOCALES"))
    if settings.poll_max_seconds < settings.poll_initial_seconds:
        message = "must not be below POLL_INITIAL_SECONDS"
        yield SettingConflict("POLL_MAX_SECONDS", message, ("POLL_INITIAL_SECONDS",))


def _money(settings: DerivedSettings) -> Iterator[SettingConflict]:
    if settings.price_note and (settings.max_run_cost or settings.max_month_cost):
        message = (
            f"must hold the prices that MAX_RUN_COST and MAX_MONTH_COST count with: {settings.price_note}"
        )
        related = ("AZURE_OPENAI_MODEL", "AZURE_OPENAI_DEPLOYMENT_NAME", "MAX_RUN_COST", "MAX_MONTH_COST")
        yield SettingConflict("MODEL_PRICES", message, related)
