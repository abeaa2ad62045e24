from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retailers.product_urls import clean_url, servable, store_of


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://www.thomann.de/gb/x.htm?offid=1&affid=2&subid=s", "https://www.thomann.de/gb/x.htm"),
        ("https://www.amazon.de/dp/B00?tag=someone-21&th=1", "https://www.amazon.de/dp/B00?th=1"),
        (
            "https://shop.example.com/p?id=7&utm_source=a&UTM_Medium=b#reviews",
            "https://shop.example.com/p?id=7#reviews",
        ),
        ("https://musik.example/a?4711&farbe=rot%20weiss", "https://musik.example/a?4711&farbe=rot%20weiss"),
        ("https://musik.example/a?4711&gclid=x&b=%2B+&c", "https://musik.example/a?4711&b=%2B+&c"),
        ("https://musik.example/a?%75tm_source=x", "https://musik.example/a"),
        ("https://musik.example/a?x=&&y=1;2#/art/7?tag=1", "https://musik.example/a?x=&&y=1;2#/art/7?tag=1"),
        ("HTTPS://musik.example/Ä?", "https://musik.example/%C3%84"),
        ("https://www.andertons.co.uk/x/?irgwc=1&irpid=5", "https://www.andertons.co.uk/x/"),
        # What is not tracking stays as it is given.
        (
            "https://musik.example/artikel?4711&farbe=rot%20weiss",
            "https://musik.example/artikel?4711&farbe=rot%20weiss",
        ),
        ("https://musik.example/a?b=&c&utm%5Fsource=x&d=1+2%2B", "https://musik.example/a?b=&c&d=1+2%2B"),
        # What a browser would send.
        (
            'HTTPS://WWW.Shop.Example:443/Größe "M"/d\'addario<b>',
            "https://www.shop.example/Gr%C3%B6%C3%9Fe%20%22M%22/d%27addario%3Cb%3E",
        ),
        ("https://shop.example/a?q='x' \"y\"", "https://shop.example/a?q=%27x%27%20%22y%22"),
        ("https://thomann。de/x", "https://thomann.de/x"),
        ("https://\u0445n.example/", "https://xn--n-fub.example/"),
    ],
)
def test_affiliate_and_tracking_parameters_are_removed(url: str, clean: str) -> None:
    assert clean_url(url) == clean
    assert clean_url(clean) == clean


@pytest.mark.parametrize(
    "url",
    [
        "", "x.jpg", "/a", "ftp://a.example", "javascript:alert(1)", "https://", "https://a b",
        r"https://evil.example\.thomann.de/x", r"https://evil.example\@thomann.de/x",
        r"https:\\evil.example/x",
        "https://thomann.de@evil.example/x", "https://@evil.example/", "https://a:b@thomann.de/x",
        "https://thomann.de:8443/x", "https://evil.example\t.thomann.de/", "https://thomann.de/\x00",
        "https://a.b/\x85",
        "https://tho\u00admann.de/x", "https://thomann.de/\u202egpj.x", "https://thomann.de/\U000e0041", "https:///thomann.de",
        "https:thomann.de", "https:/thomann.de/x", "https://thomann.de./x", "https://a..b/", 'https://a".b/', "https://intern/x",
        "https://[::1]/x", "https://\ud800.de/", "https://" + "a" * 64 + ".de",
    ],
)  # fmt: skip
def test_text_that_is_not_an_address_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        clean_url(url)


@given(st.text())
def test_cleaning_returns_an_address_or_raises_a_value_error(url: str) -> None:
    try:
        clean = clean_url(url)
    except ValueError:
        return
    assert clean.startswith(("http://", "https://"))
    assert clean == clean_url(clean)
    assert not set(clean) & set("\"'<>\\ ")
    assert clean.isascii()
    assert clean.isprintable()


@given(
    st.lists(
        st.sampled_from([*"\\/@:.?#%'\"\t ", "https://", "thomann.de", "evil.example", "。", "\u00ad"]),
        max_size=9,
    )
)
def test_an_address_of_a_store_is_one_for_every_reader(parts: list[str]) -> None:
    url = "https://" + "".join(parts)
    if store_of(url) == "thomann":
        clean = clean_url(url) if servable(url) else "https://thomann.de"
        assert urlsplit(clean).netloc.endswith("thomann.de")
        assert urlsplit(url.strip(" ").replace("。", ".")).hostname == urlsplit(clean).netloc


def test_an_address_that_an_older_import_let_through_is_not_served() -> None:
    assert servable(r"https://evil.example\.thomann.de/x") is None
    assert servable("https://shop.example/ä?utm_source=a") == "https://shop.example/%C3%A4"
    assert servable(None) is None


def test_a_store_is_found_by_its_host_and_not_by_its_name_in_the_path() -> None:
    assert store_of("https://www.thomann.de/x") == "thomann"
    assert store_of("https://thomann.de/x") == "thomann"
    assert store_of("https://evil.example/thomann.de") is None
    assert store_of("https://notthomann.de/x") is None
    assert store_of(r"https://evil.example\.thomann.de/x") is None
    assert store_of("https://thomann.de@evil.example/x") is None
