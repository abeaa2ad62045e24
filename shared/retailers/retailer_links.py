"""Builds the store links of a product when it is served. They are never stored and never written by a model.

A link is the clean address of the catalogue. If the shop has an affiliate id for the store, it becomes an
affiliate link. Without an id, or for a store without affiliate links, it stays the plain address, without any
tracking parameter. This module sends no requests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from shared.domain.product import Product
from shared.retailers.product_urls import host_of, servable, with_parameters
from shared.retailers.registry import Store, store_of_host, stores

# Awin accepts 100 characters in its parameter clickref. No store accepts fewer.
_MAX_PLACEMENT_LENGTH = 100


@dataclass(frozen=True)
class StoreLink:
    """A link to a product at a store."""

    store: str
    url: str
    is_affiliate: bool


def store_links(
    product: Product, ids: Mapping[str, str], region: str | None = None, placement: str | None = None
) -> list[StoreLink]:
    """A product's links, in the order of the registry.

    `region` is an ISO 3166 country code; None means any country. `ids` are affiliate ids by store, or by
    host for stores whose hosts have their own ids. `placement` says where the link is shown. If only one
    store sells the brand, the product is linked to that store only.
    """
    exclusive = next(
        (key for key, store in stores().items() if product.brand_slug in store.exclusive_brands), None
    )
    links = []
    for key, store in stores().items():
        address = servable(product.store_links.get(key))
        delivers = region is None or not store.regions or region in store.regions
        if address and delivers and exclusive in (None, key) and _is_allowed(key, address):
            links.append(_build_link(key, store, address, ids, placement))
    return links


def _is_allowed(key: str, address: str) -> bool:
    """Whether a link may go to an address. Its host must belong to the store, which prevents open redirects.

    The manufacturer's own shop has no hosts in the registry: it may have any host that no other store has.
    """
    owner = store_of_host(host_of(address))
    return address.startswith("https://") and (owner == key or (owner is None and not stores()[key].hosts))


def _build_link(
    key: str, store: Store, address: str, ids: Mapping[str, str], placement: str | None
) -> StoreLink:
    affiliate_id = ids.get(_known_host(store, address) if store.id_by_host else key)
    if not affiliate_id or not (store.parameters or store.redirect):
        return StoreLink(key, address, is_affiliate=False)
    templates = store.redirect.parameters if store.redirect else store.parameters
    added = {name: value.replace("{id}", affiliate_id) for name, value in templates.items()}
    if placement and store.placement:
        added[store.placement] = placement[:_MAX_PLACEMENT_LENGTH]
    if store.redirect:
        added[store.redirect.target] = address
        return StoreLink(key, f"{store.redirect.url}?{urlencode(added)}", is_affiliate=True)
    return StoreLink(key, with_parameters(address, added), is_affiliate=True)


def _known_host(store: Store, address: str) -> str:
    host = host_of(address)
    return next((known for known in store.hosts if host == known or host.endswith("." + known)), host)
