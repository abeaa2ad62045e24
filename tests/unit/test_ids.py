import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import (
    brand_slug,
    category_slug,
    is_blank,
    is_safe_id,
    newest_first_id,
    normal_sku,
    product_id_for,
    slugify,
)
from shared.domain.outcome import parse_custom_id
from tests.examples import NOW, sent


@given(st.text(min_size=1))
def test_every_sku_makes_an_id_that_is_safe_in_keys_and_urls(sku: str) -> None:
    product_id = product_id_for(sku)
    assert is_safe_id(product_id)
    assert product_id_for(product_id) == product_id


@given(st.text(), st.text())
def test_two_skus_never_share_an_id(one: str, other: str) -> None:
    assert (product_id_for(one) == product_id_for(other)) == (one == other) or not (one and other)


@given(st.text())
def test_every_category_has_a_slug(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,90}", category_slug(name))


def test_slugs_read_like_the_names() -> None:
    assert slugify('Höfner Große Flöte 24.7"') == "hofner-grosse-flote-24-7"
    assert category_slug("") == category_slug("  ") == "uncategorised"
    assert category_slug("电吉他") != category_slug("钢琴")


@pytest.mark.parametrize("slug", [category_slug, brand_slug])
def test_no_two_names_share_a_slug_in_any_script(slug: Callable[[str], str]) -> None:
    names = [
        "ヤマハ",
        "ローランド",
        "Roland",
        "Roland ローランド",
        "Roland ヤマハ",
        "Гитары",
        "Пианино",
        "+",
        "++",
    ]
    names += [
        "عود",
        "सितार",
        "F\u0435nder",  # the second letter is Cyrillic
        "Fender",
        "8 Ω",
        "8",
    ]  # the second letter of the first Fender is Cyrillic
    slugs = {slug(name) for name in names}
    assert len(slugs) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]{1,95}", each) for each in slugs)
    assert {slug(each) for each in slugs} == slugs
    assert slug("ガ") == slug("カ\u3099")


@pytest.mark.parametrize(
    "name",
    ["Höfner Große", "Łódź", "Dvořák & Söhne", "C#", "Kala \u02bbUkulele", "№ 5", "½ Geige", "Æolian"],
)
def test_latin_names_keep_the_slugs_that_are_stored(name: str) -> None:
    assert category_slug(name) == brand_slug(name) == slugify(name)


def test_a_stored_category_without_latin_letters_keeps_its_slug() -> None:
    assert category_slug("电吉他") == f"category-{hashlib.sha256('电吉他'.encode()).hexdigest()[:10]}"


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u200b", "\u00ad\u2060", "\u3000"])
def test_a_blank_name_has_no_slug(text: str) -> None:
    assert is_blank(text)
    assert (brand_slug(text), category_slug(text)) == ("", "uncategorised")


@given(st.text())
def test_every_brand_that_is_not_blank_has_a_slug(name: str) -> None:
    assert bool(brand_slug(name)) != is_blank(name)


def test_newer_ids_sort_first_and_the_same_seed_gives_the_same_id() -> None:
    older, newer = newest_first_id(NOW, "a"), newest_first_id(NOW + timedelta(milliseconds=1), "a")
    assert newer < older
    assert newest_first_id(NOW, "a") == older != newest_first_id(NOW, "b")
    assert is_safe_id(older)


def test_custom_ids_come_back_as_line_and_group() -> None:
    assert parse_custom_id(sent(line=12).custom_id(3)) == (12, 3)


@given(st.text())
def test_text_that_no_manifest_line_makes_is_no_custom_id(custom_id: str) -> None:
    place = parse_custom_id(custom_id)
    assert place is None or sent(line=place[0]).custom_id(place[1]) == custom_id


@given(st.text())
def test_a_sku_is_normal_once_and_for_all(text: str) -> None:
    assert normal_sku(normal_sku(text)) == normal_sku(text)


def test_invisible_characters_are_no_part_of_a_sku() -> None:
    unseen = "\u200b\u200d\u2060\ufeff\u00ad\u202e\ufe0f\U000e0041\u3164\x00\x7f\ud800"
    assert normal_sku(f"{unseen}A{unseen}-1{unseen}") == "A-1"
    assert normal_sku(unseen) == ""
