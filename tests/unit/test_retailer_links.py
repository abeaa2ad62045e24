"""Store links: clean addresses that become affiliate links only with an id. No request is ever sent."""

from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retailers.registry import stores
from shared.retailers.retailer_links import store_links
from tests.examples import product

THOMANN = "https://www.thomann.de/gb/ardena_halcyon.htm"
AMAZON = "https://www.amazon.de/dp/B000?th=1"
GEAR = "https://www.gear4music.com/Guitar/Ardena/ABC?x=1&y=%C3%A4&z"
LINKS = {
    "thomann": THOMANN,
    "amazon": AMAZON,
    "gear4music": GEAR,
    "sweetwater": "https://www.sweetwater.com/x",
}


def urls(links: dict[str, str] = LINKS, brand: str = "Ardena", **options: object) -> dict[str, str]:
    ids: dict[str, str] = options.pop("ids", {})  # type: ignore[assignment]
    found = store_links(product(store_links=links, brand=brand), ids, **options)  # type: ignore[arg-type]
    return {link.store: link.url for link in found}


def test_without_ids_every_link_is_plain() -> None:
    assert urls() == LINKS


def test_an_id_is_added_to_the_address_of_the_store() -> None:
    assert urls(ids={"thomann": "42"})["thomann"] == f"{THOMANN}?offid=1&affid=42"
    assert urls(ids={"amazon.de": "shop-21"})["amazon"] == f"{AMAZON}&tag=shop-21"


def test_an_id_of_another_country_is_not_used() -> None:
    assert urls(ids={"amazon.com": "shop-20", "amazon": "x"})["amazon"] == AMAZON


def test_a_network_gets_the_complete_address() -> None:
    parts = urlsplit(urls(ids={"gear4music": "777"}, placement="de product page")["gear4music"])
    query = parse_qs(parts.query)
    assert (parts.netloc, query["awinmid"], query["awinaffid"]) == ("www.awin1.com", ["1117"], ["777"])
    assert (query["ued"], query["clickref"]) == ([GEAR], ["de product page"])


def test_a_placement_without_an_id_is_not_added() -> None:
    assert urls(placement="home")["thomann"] == THOMANN
    assert "subid=home" in urls(ids={"thomann": "42"}, placement="home")["thomann"]


def test_only_stores_that_deliver_are_linked() -> None:
    assert set(urls(region="US")) == {"thomann", "sweetwater", "amazon"}
    assert set(urls(region="PT")) == {"thomann", "gear4music"}


def test_an_exclusive_brand_is_linked_only_to_its_store() -> None:
    assert set(urls(brand="Harley Benton")) == {"thomann"}
    assert set(urls(brand="G4M", links={"thomann": THOMANN})) == set()


@pytest.mark.parametrize(
    "address",
    [
        "https://thomann.de.evil.example/x",
        "https://evil.example/?thomann.de",
        "http://www.thomann.de/x",
        "javascript:alert(1)",
        "https://www.amazon.de/dp/1",
        r"https://evil.example\.thomann.de/x",
        r"https://evil.example\@thomann.de/x",
        "https://thomann.de@evil.example/x",
        "https://thomann.de:8443/x",
        "https://evil.example/\t.thomann.de",
        "https://evil.example\n.thomann.de/x",
    ],
)
def test_an_address_that_is_not_https_at_the_host_of_the_store_is_not_linked(address: str) -> None:
    assert urls(links={"thomann": address}, ids={"thomann": "42"}) == {}


@given(
    st.sampled_from(sorted(key for key, store in stores().items() if store.hosts)),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20),
    st.dictionaries(
        st.sampled_from(["a", "ued", "tag", "affid"]), st.text("xyz&=?#", max_size=5), max_size=3
    ),
    st.text(max_size=120),
)
def test_no_link_has_an_empty_id_or_leaves_the_allowed_hosts(
    key: str, path: str, query: dict[str, str], placement: str
) -> None:
    host = stores()[key].hosts[0]
    address = f"https://www.{host}/{quote(path)}?{urlencode(query)}"
    [link] = store_links(product(store_links={key: address}), {key: "42", host: "42"}, None, placement)
    parts = urlsplit(link.url)
    redirect = stores()[key].redirect
    allowed = {f"www.{host}", *([urlsplit(redirect.url).netloc] if redirect else [])}
    assert parts.netloc in allowed
    assert link.is_affiliate == ("42" in link.url.replace(address, "")) or not link.is_affiliate
    assert "{id}" not in link.url
