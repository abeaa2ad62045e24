"""The addresses of a row: its page, its images, and its pages at stores."""

import re
from typing import Any

from shared.catalogue.rows import field_name
from shared.catalogue.text_values import RowResult, read_text, utf16_length
from shared.content.document import IMAGES
from shared.domain.product import ProductImage
from shared.retailers.product_urls import clean_url, store_of
from shared.retailers.registry import stores

# What browsers and sitemaps (sitemaps.org, "loc") take.
_LONGEST_URL = 2_048


def read_url(value: Any, name: str, result: RowResult) -> str | None:
    """An address without tracking parameters. None, with a warning, when it is not one."""
    text = read_text(value, name, result)
    if not text:
        return None
    if utf16_length(text) > _LONGEST_URL:
        result.warnings.append((name, f"left out: it has over {_LONGEST_URL:,} characters"))
        return None
    try:
        return clean_url(text)
    except ValueError as error:
        result.warnings.append((name, f"left out: {error}"))
        return None


def read_images(
    value: Any, image_uri: str | None, page_url: str | None, result: RowResult
) -> dict[str, ProductImage]:
    """Images by their kind. `image_uri` is the front view if `images` names none."""
    images: dict[str, ProductImage] = {}
    for key, given in _members(value, "images", f"expected an object with {', '.join(IMAGES)}", result):
        kind = field_name(key)
        address = _address(given, "image_url", f"images.{key}", result)
        if address and kind in IMAGES:
            images[kind] = _image(address, page_url)
        elif address:
            result.warnings.append((f"images.{key}", f"left out: not one of {', '.join(IMAGES)}"))
    if image_uri:
        images.setdefault("front_view", _image(image_uri, page_url))
    return images


def read_store_links(value: Any, url_source: str | None, result: RowResult) -> dict[str, str]:
    """Addresses by store. `url_source` is the address at its store if `store_links` names none."""
    links: dict[str, str] = {}
    for store, given in _members(value, "store_links", "expected an object of stores and addresses", result):
        key = re.sub(r"[^a-z0-9]+", "_", store.lower()).strip("_")
        address = _address(given, "product_url", f"store_links.{store}", result)
        if address and key in stores():
            links[key] = address
        elif address:
            result.warnings.append((f"store_links.{store}", "left out: not a known store"))
    store_of_source = store_of(url_source) if url_source else None
    if url_source and store_of_source:
        links.setdefault(store_of_source, url_source)
    return links


def _members(value: Any, name: str, expected: str, result: RowResult) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(key[:100], given) for key, given in value.items()]
    if value:
        result.warnings.append((name, f"left out: {expected}"))
    return []


def _address(given: Any, key: str, name: str, result: RowResult) -> str | None:
    """The address in a member, which is a text or an object that has it under `key`."""
    if isinstance(given, dict) and given and key not in given:
        result.warnings.append((name, f"left out: it has no {key}"))
        return None
    return read_url(given.get(key) if isinstance(given, dict) else given, name, result)


def _image(address: str, page_url: str | None) -> ProductImage:
    return ProductImage(source=store_of(address) or "catalogue", page_url=page_url, image_url=address)
