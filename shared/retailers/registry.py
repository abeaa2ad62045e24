"""The registry of stores, read from `registry.json`: hosts, regions, affiliate links, exclusive brands.

It has no affiliate ids. Those belong to the shop that runs the app, and come from `AFFILIATE_IDS`.
"""

from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Redirect(_Entry):
    """The address of an affiliate network, which redirects the shopper to the product."""

    url: str
    parameters: dict[str, str]
    target: str = Field(description="parameter for the product's address")


class Store(_Entry):
    """One store. `{id}` in parameters is replaced by the affiliate id."""

    hosts: tuple[str, ...] = Field(description="allowed hosts, each with all its subdomains")
    regions: tuple[str, ...] = Field(description="countries that the store delivers to; empty means all")
    parameters: dict[str, str] = Field(default_factory=dict, description="added to the product's address")
    redirect: Redirect | None = None
    placement: str | None = Field(default=None, description="parameter that says where the link was placed")
    exclusive_brands: tuple[str, ...] = Field(
        default=(), description="slugs of brands that no other store sells"
    )
    id_by_host: bool = Field(default=False, description="whether each host has its own affiliate id")


@lru_cache(maxsize=1)
def stores() -> dict[str, Store]:
    """All stores by key, in the order of the content document."""
    data = files(__package__).joinpath("registry.json").read_bytes()
    return TypeAdapter(dict[str, Store]).validate_json(data)


def store_of_host(host: str) -> str | None:
    """The key of the store that a host belongs to, or None if the store is unknown."""
    for key, store in stores().items():
        if any(host == known or host.endswith("." + known) for known in store.hosts):
            return key
    return None
