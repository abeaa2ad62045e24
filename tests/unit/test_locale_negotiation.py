import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.content.locale_negotiation import choose_locale

ALL = ["en-US", "en-GB", "es-ES", "fr-FR", "de-DE", "it-IT", "pt-PT"]


@pytest.mark.parametrize(
    ("wanted", "header", "available", "served"),
    [
        ("de-DE", None, ALL, "de-DE"),
        ("de-de", None, ALL, "de-DE"),
        ("de-AT", None, ALL, "de-DE"),
        ("en-AU", None, ALL, "en-US"),
        ("pt-BR", None, ALL, "pt-PT"),
        ("sv-SE", None, ALL, "en-US"),
        ("sv-SE", "de", ALL, "en-US"),
        (None, "de-CH, fr;q=0.9", ALL, "de-DE"),
        (None, "sv, it;q=0.4, fr;q=0.8", ALL, "fr-FR"),
        (None, "en-GB;q=0.5, de;q=0", ALL, "en-GB"),
        (None, "*", ALL, "en-US"),
        (None, "", ALL, "en-US"),
        (None, "de;q=high, es", ALL, "es-ES"),
        ("de-DE", None, ["fr-FR", "it-IT"], "fr-FR"),
        ("de-DE", None, [], None),
    ],
)
def test_the_nearest_locale_is_served(
    wanted: str | None, header: str | None, available: list[str], served: str | None
) -> None:
    assert choose_locale(wanted, header, available) == served


@given(st.text(max_size=60))
def test_any_header_is_accepted(header: str) -> None:
    assert choose_locale(None, header, ALL) in ALL
