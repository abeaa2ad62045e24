"""The HTML body: labels in each language, nothing empty, nothing unescaped, and a shop's own template."""

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from shared.channels.html_body import BadTemplate, body_writer, check_template
from shared.channels.labels import labels_of
from shared.content.locales import LOCALES
from shared.content.product_facts import Genre, SkillLevel
from tests.channel_items import item
from tests.examples import locale_content, product


@pytest.mark.parametrize("locale", LOCALES)
def test_every_section_and_code_has_a_label(locale: str) -> None:
    labels = labels_of(locale)
    assert set(labels.skill_level) == set(SkillLevel)
    assert set(labels.best_genres) == set(Genre)
    assert set(labels.sections) == set(labels_of("en-GB").sections)
    assert all(text.strip() for text in (*labels.sections.values(), *labels.best_genres.values()))


def test_labels_are_in_the_language_of_the_locale() -> None:
    html = body_writer()(item("de-DE"), "de-DE")
    headings = [node.text() for node in HTMLParser(html).css("h3")]
    assert {"Klang", "Spielniveau", "Technische Daten", "Fragen und Antworten"} <= set(headings)
    assert "Einsteiger" in html
    assert "<p>beginner" not in html


def test_absent_parts_have_no_heading() -> None:
    html = body_writer()(
        item(of=product(specs={}), contents={"en-GB": {"basic_info": {"overview": "Plain."}}}), "en-GB"
    )
    tree = HTMLParser(html)
    # The facts of the example are the only other thing that is known.
    assert [node.text() for node in tree.css("h3")] == ["Skill level", "Genres"]
    assert not any(node.text(strip=True) == "" for node in tree.css("p, li, h3, td"))


def test_texts_are_escaped() -> None:
    content = locale_content()
    content["basic_info"]["overview"] = "<script>alert(1)</script> & more"
    record = product(specs={"<b>": '"><img src=x onerror=alert(1)>'})
    html = body_writer()(item(of=record, contents={"en-GB": content}), "en-GB")
    assert "&lt;script&gt;" in html
    assert not HTMLParser(html).css("script, img, b")
    assert "\n" not in html


def test_a_shop_has_its_own_template(tmp_path: Path) -> None:
    path = tmp_path / "own.j2"
    path.write_text("<h2>{{ product.name }}</h2>\n{{ text.seo_title }} {{ locale }}", encoding="utf-8")
    check_template(str(path))
    made = item("fr-FR", of=product(name="A & B"))
    assert body_writer(str(path))(made, "fr-FR") == "<h2>A &amp; B</h2> Ardena Halcyon 110 fr-FR"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% if %}", "Expected"),
        ("{{ text.price }}", "price"),
        ("{{ ''.__class__.__mro__ }}", "__class__"),
        ("{{ 1 / 0 }}", "zero"),
    ],
)
def test_a_bad_template_is_refused_by_name(tmp_path: Path, template: str, said: str) -> None:
    path = tmp_path / "bad.j2"
    path.write_text(template, encoding="utf-8")
    with pytest.raises(BadTemplate, match=said) as refused:
        check_template(str(path))
    assert "bad.j2" in str(refused.value)


def test_a_missing_template_is_refused_by_name() -> None:
    with pytest.raises(BadTemplate, match=r"nowhere\.j2"):
        check_template("nowhere.j2")
