import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retailers.product_urls import clean_url, store_of


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
        ("HTTPS://musik.example/Ä?", "https://musik.example/Ä?"),
        ("https://www.andertons.co.uk/x/?irgwc=1&irpid=5", "https://www.andertons.co.uk/x/"),
    ],
)
def test_affiliate_and_tracking_parameters_are_removed(url: str, clean: str) -> None:
    assert clean_url(url) == clean
    assert clean_url(clean) == clean


@pytest.mark.parametrize(
    "url", ["", "x.jpg", "/a", "ftp://a.example", "javascript:alert(1)", "https://", "https://a b"]
)
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


def test_a_store_is_found_by_its_host_and_not_by_its_name_in_the_path() -> None:
    assert store_of("https://www.thomann.de/x") == "thomann"
    assert store_of("https://thomann.de/x") == "thomann"
    assert store_of("https://evil.example/thomann.de") is None
    assert store_of("https://notthomann.de/x") is None
