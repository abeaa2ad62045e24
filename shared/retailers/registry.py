"""The registry of stores, in data (`registry.json`): hosts, regions, affiliate forms, exclusive brands.

Ids are no part of it: they are the shop's own and come from `AFFILIATE_IDS`.
"""

from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Redirect(_Entry):
    """An affiliate network's own address, which sends the shopper on to the product."""

    url: str
    parameters: dict[str, str]
    target: str = Field(description="parameter that takes the product's address")


class Store(_Entry):
    """One store. `{id}` in parameters stands for the shop's affiliate id."""

    hosts: tuple[str, ...] = Field(description="allowed hosts; each also stands for its subdomains")
    regions: tuple[str, ...] = Field(description="countries that it delivers to; empty = all")
    parameters: dict[str, str] = Field(default_factory=dict, description="added to the product's address")
    redirect: Redirect | None = None
    placement: str | None = Field(default=None, description="parameter that says where a link stood")
    exclusive_brands: tuple[str, ...] = Field(default=(), description="slugs of brands sold here only")
    id_by_host: bool = Field(default=False, description="whether each host has an affiliate id of its own")


@lru_cache(maxsize=1)
def stores() -> dict[str, Store]:
    """All stores by key, in the document's order."""
    data = files(__package__).joinpath("registry.json").read_bytes()
    return TypeAdapter(dict[str, Store]).validate_json(data)


def store_of_host(host: str) -> str | None:
    """The key of the store that a host belongs to, or None."""
    for key, store in stores().items():
        if any(host == known or host.endswith("." + known) for known in store.hosts):
            return key
    return None
