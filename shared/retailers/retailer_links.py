"""Store links as a shopper gets them: made when serving, never stored, never written by a model.

A link is the catalogue's clean address, credited to the shop where it has an id for the store. An unknown
store or a missing id gives the plain link; half a tracker is never made. Nothing is requested here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shared.domain.product import Product
from shared.retailers.registry import Store, store_of_host, stores

# Awin's clickref takes a hundred characters; no store takes fewer.
_LONGEST_PLACEMENT = 100


@dataclass(frozen=True)
class StoreLink:
    """A link to a product at a store."""

    store: str
    url: str
    is_affiliate: bool


def store_links(
    product: Product, ids: Mapping[str, str], region: str | None = None, placement: str | None = None
) -> list[StoreLink]:
    """A product's links in the registry's order, for a country (ISO 3166, None: any).

    A brand that one store alone sells is linked there and nowhere else. `ids` are affiliate ids by store, or
    by host for stores that have one a country.
    """
    exclusive = next(
        (key for key, store in stores().items() if product.brand_slug in store.exclusive_brands), None
    )
    links = []
    for key, store in stores().items():
        address = product.store_links.get(key)
        delivers = region is None or not store.regions or region in store.regions
        if address and delivers and exclusive in (None, key) and _is_allowed(key, address):
            links.append(_link(key, store, address, ids, placement))
    return links


def _is_allowed(key: str, address: str) -> bool:
    """No open redirect: the host must be the store's own. The maker's own shop may be anywhere."""
    parts = urlsplit(address)
    owner = store_of_host(parts.hostname or "")
    return parts.scheme == "https" and (owner == key or (owner is None and not stores()[key].hosts))


def _link(key: str, store: Store, address: str, ids: Mapping[str, str], placement: str | None) -> StoreLink:
    affiliate_id = ids.get(_host_id(store, address) if store.id_by_host else key)
    if not affiliate_id or not (store.parameters or store.redirect):
        return StoreLink(key, address, is_affiliate=False)
    given = store.redirect.parameters if store.redirect else store.parameters
    added = {name: value.replace("{id}", affiliate_id) for name, value in given.items()}
    if placement and store.placement:
        added[store.placement] = placement[:_LONGEST_PLACEMENT]
    if store.redirect:
        added[store.redirect.target] = address
        return StoreLink(key, f"{store.redirect.url}?{urlencode(added)}", is_affiliate=True)
    return StoreLink(key, _with_parameters(address, added), is_affiliate=True)


def _host_id(store: Store, address: str) -> str:
    host = urlsplit(address).hostname or ""
    return next((known for known in store.hosts if host == known or host.endswith("." + known)), host)


def _with_parameters(address: str, added: Mapping[str, str]) -> str:
    parts = urlsplit(address)
    kept = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in added
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, *added.items()])))
