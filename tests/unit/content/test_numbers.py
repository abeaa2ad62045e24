"""The number reader, and which numbers have a source in the record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.content.quality import number_reader, numbers
from shared.content.quality.findings import Severity
from shared.content.quality.number_reader import read_numbers
from shared.content.text_fields import TextField
from tests.examples import product
from tests.unit.content.contexts import findings_of, make_context
from tests.unit.content.real_data import real_answers


def read(text: str, language: str = "en") -> list[tuple[float, str | None]]:
    return [(q.values[0], q.unit.dimension if q.unit else None) for q in read_numbers(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("a scale of 628 mm", "en", [(628, "length")]),
        ("628mm", "en", [(628, "length")]),
        ("24.75 in.", "en", [(24.75, "length")]),
        ('24.75" scale', "en", [(24.75, "length")]),
        ("24,75 Zoll Mensur", "de", [(24.75, "length")]),
        ("1.299 Töne", "de", [(1299, None)]),
        ("1.299 notes", "en", [(1.299, None)]),
        ("1,299 notes", "en", [(1299, None)]),
        ("1 299 notes", "fr", [(1, None), (299, None)]),
        ("1\u00a0299 notes", "fr", [(1299, None)]),
        ("1.234.567,5 g", "de", [(1234567.5, "mass")]),
        ("1,234,567.5 g", "en", [(1234567.5, "mass")]),
        ("65-75 mm", "en", [(65, None), (75, "length")]),
        ("2x12 inch", "en", [(2, None), (12, "length")]),
        ("2 x 11W", "en", [(2, None), (11, "power")]),
        ("135 x 66 x 33 cm", "en", [(135, None), (66, None), (33, "length")]),
        ("a 22-fret neck", "en", [(22, None)]),
        ("24-bit", "en", [(24, "depth")]),
        ("a 1/4-inch jack", "en", [(0.25, "length")]),
        ("25 1/2 inches", "en", [(25.5, "length")]),
        ("9½ inches", "en", [(9.5, "length")]),
        ("1/0", "en", []),
        ("FP-30X, OT990BL, P-125a, C40 and 4JQ", "en", []),
        ("the 80s and the 12th fret", "en", []),
        ("twenty-two frets", "en", [(22, None)]),
        ("zweiundzwanzig Bünde", "de", [(22, None)]),
        ("vinte e dois trastes", "pt", [(22, None)]),
        ("ventidue tasti", "it", [(22, None)]),
        ("veintidós trastes", "es", [(22, None)]),
        ("vingt-deux frettes", "fr", [(22, None)]),
        ("one of two pickups, a hundred ways", "en", []),
        ("", "en", []),
    ],
)
def test_numbers_in_all_spellings(text: str, language: str, expected: list[tuple[float, str | None]]) -> None:
    # mypy: a float can equal an approximation.
    assert read(text, language) == [(pytest.approx(value), unit) for value, unit in expected]  # type: ignore[comparison-overlap]


_PIECES = st.sampled_from(
    ["1", "22", "1.299", "24,75", "1/4", "½", "2x", "mm", '"', " ", "-", ".", ",", "/", "kg", "zwölf",
     "twenty", "cien", "cent", "x", "°", "%", "'", "0"]
)  # fmt: skip


@given(
    st.lists(_PIECES, max_size=25).map("".join) | st.text(max_size=80), st.sampled_from(["en", "de", "fr"])
)
def test_the_reader_never_fails_and_its_offsets_are_within_the_text(text: str, language: str) -> None:
    for quantity in read_numbers(text, language):
        assert 0 <= quantity.start < quantity.end <= len(text)
        assert all(value >= 0 for value in quantity.values)


@given(
    st.decimals(min_value=0, max_value=99999, places=2, allow_nan=False),
    st.sampled_from(["de", "es", "fr", "it", "pt"]),
)
def test_a_decimal_comma_and_a_decimal_point_give_the_same_value(number: object, language: str) -> None:
    point = f"{number:.2f} mm"
    comma = point.replace(".", ",")
    with_point, with_comma = list(read_numbers(point, "en")), list(read_numbers(comma, language))
    assert [q.values for q in with_point] == [q.values for q in with_comma]


RECORD = product(
    description="Scale: 628 mm; Body depth: 65-75 mm; 22 Medium frets; Weight 7 lb; 2 x 11 W; top 1,299 Hz",
    specs={"nut": "42"},
)


def unsourced(text: str, locale: str = "en-GB") -> list[str]:
    found = list(numbers.check(make_context(text, locale=locale, about=RECORD)))
    assert all(finding.words == text[finding.start : finding.end] for finding in found)
    return [finding.words for finding in found]


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("a scale of 628 mm", "en-GB"),
        ("62,8 cm Mensur", "de-DE"),
        ("a 24.7-inch scale", "en-US"),
        ("24,7 Zoll Mensur", "de-DE"),
        ("22 Bünde", "de-DE"),
        ("twenty-two frets", "en-GB"),
        ("between 65 and 75 mm deep", "en-GB"),
        ("about 3.2 kg", "en-GB"),
        ("una cejuela de 42 mm", "es-ES"),
        ("two speakers of 11 watts", "en-GB"),
        ("the Ardena Halcyon 110", "en-GB"),
        ("1.299 Hz", "de-DE"),
        ("a 1/4-inch jack or a 6.35 mm plug", "en-GB"),
        ("eine 3/4-Gitarre", "de-DE"),
        ("tuned to 440 Hz", "en-GB"),
        ("humidity of 45 to 55 %", "en-GB"),
        ("a 12-bar blues", "en-GB"),
        ("100 % mahogany", "en-GB"),
    ],
)
def test_numbers_of_the_record_and_of_general_knowledge_are_accepted(text: str, locale: str) -> None:
    assert unsourced(text, locale) == []


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("a scale of 650 mm", "en-GB", ["650 mm"]),
        ("a scale of 628 kg", "en-GB", ["628 kg"]),
        ("628 inches", "en-GB", ["628 inches"]),
        ("25,5 Zoll Mensur", "de-DE", ["25,5 Zoll"]),
        ("24 Bünde", "de-DE", ["24"]),
        ("vierundzwanzig Bünde", "de-DE", ["vierundzwanzig"]),
        ("24 trastes", "es-ES", ["24"]),
        ("ventiquattro tasti", "it-IT", ["ventiquattro"]),
        ("it weighs 3.6 kg", "en-GB", ["3.6 kg"]),
        ("a 9 V battery", "en-GB", ["9 V"]),
        ("80 % mahogany", "en-GB", ["80 %"]),
    ],
)
def test_numbers_without_a_source_are_found(text: str, locale: str, expected: list[str]) -> None:
    assert unsourced(text, locale) == expected


def test_digits_of_the_name_are_accepted_even_at_its_end() -> None:
    about = product(name="Ardena FX 650 Black", description="A guitar.", specs={})
    assert list(numbers.check(make_context("The Ardena FX 650 Black sings.", about=about))) == []
    text = "The Ardena FX 650 Black has 24 frets."
    assert [finding.words for finding in numbers.check(make_context(text, about=about))] == ["24"]
    ends_in_digits = product(name="Ardena FX 650", description="A guitar.", specs={})
    assert list(numbers.check(make_context("The Ardena FX 650 sings.", about=ends_in_digits))) == []


def test_a_unit_in_the_name_of_a_spec_is_the_unit_of_its_number() -> None:
    specs = {"scale_length_mm": "889", "Weight (kg)": "4.4"}
    about = product(description="Five strings.", specs=specs)
    assert findings_of(numbers.check, "889 mm (35 in) and 4.4 kg (9.7 lb)", "en-US", about) == []
    [(_, words)] = findings_of(numbers.check, "889 mm (36 in)", "en-US", about)
    assert words == "36 in"


def test_one_unsourced_number_is_a_warning_and_three_are_errors() -> None:
    one = list(numbers.check(make_context("24 frets", about=RECORD)))
    assert [finding.severity for finding in one] == [Severity.WARNING]
    three = list(numbers.check(make_context("24 frets, 650 mm", "and 3.9 kg", about=RECORD)))
    assert [finding.severity for finding in three] == [Severity.ERROR] * 3
    assert {finding.field for finding in three} == {"field.0", "field.1"}


def test_a_measurement_without_a_source_is_an_error_except_in_care_texts() -> None:
    [finding] = numbers.check(make_context("It weighs 27 kg", about=RECORD))
    assert finding.severity == Severity.ERROR
    [care] = numbers.check(
        make_context(
            TextField("maintenance_care.care_instructions", "Keep it 61 cm from heat."), about=RECORD
        )
    )
    assert care.severity == Severity.WARNING


def test_numbers_that_other_rules_report_are_not_reported_again() -> None:
    texts = "In 1998 it cost £499, rated 8/10, EAN 4957812345678, and the '70s were long ago."
    assert unsourced(texts) == []


@given(st.integers(min_value=13, max_value=399), st.sampled_from(["mm", "cm", "kg", "W", "Hz"]))
def test_a_number_of_the_record_has_a_source(value: int, unit: str) -> None:
    text = f"It has {value} {unit} of it."
    assert list(numbers.check(make_context(text, about=product(description=f"A: {value} {unit}")))) == []
    other = product(description=f"A: {value * 3} {unit}", name="Ardena", specs={})
    assert len(list(numbers.check(make_context(text, about=other)))) == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "ten eleven twelve thirteen fifteen twenty twenty-two thirty forty-four ninety two-hundred "
            "Sixteen nineteen seventy-nine thousand millions",
        ),
        (
            "de",
            "zehn elf zwölf dreizehn siebzehn zwanzig zweiundzwanzig dreißig vierzig siebzig zweihundert "
            "hundertzwölf zweitausendvierzig sechsundneunzig neunhundertneunundneunzig Millionen",
        ),
        (
            "es",
            "diez once doce trece quince dieciséis veintidós treinta cuarenta sesenta noventa doscientos "
            "veintiún quinientas setecientos dieciocho ciento cincuenta millones",
        ),
        (
            "fr",
            "dix onze douze treize seize dix-sept vingt vingt-deux trente quarante soixante quatre-vingt-dix "
            "deux-cents cinquante-et-un septante nonante mille-neuf-cents millions",
        ),
        (
            "it",
            "dieci undici dodici sedici diciassette diciotto venti ventidue trenta quaranta novanta duecento "
            "ventitré centoventi centottanta millenovecento duemila trentuno sessantotto mille",
        ),
        (
            "pt",
            "dez onze doze treze quinze dezasseis vinte trinta quarenta sessenta noventa duzentos trezentos "
            "quinhentas novecentos dezoito dezanove dezenove cinquenta cento milhões",
        ),
    ],
)
def test_number_words_from_ten_on_are_read_in_every_language(language: str, words: str) -> None:
    # Round numbers are idioms, which are not reported, but the patterns find them.
    unread = [
        word for word in words.split() if not list(number_reader._read_number_words(f"{word}.", language, 0))
    ]
    assert unread == []
    pattern = number_reader.number_word_pattern(language)
    unread = [word for word in words.split() if not pattern.regex.search(f"{word}.")]
    assert unread == []


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it", "pt"])
def test_skipping_texts_without_number_words_changes_no_result(language: str) -> None:
    """Numbers from ten on are found in texts with and without the pattern for number words."""
    for text in texts_of(language):
        all_numbers = {(q.start, q.values) for q in read_numbers(text, language, min_word_value=0)}
        found = {(q.start, q.values) for q in read_numbers(text, language)}
        assert {q for q in all_numbers - found if q[1][0] >= 10 and q[1][0] not in (100, 1000, 1e6)} == set()


def texts_of(language: str) -> list[str]:
    """Sentences of real answers."""
    return [
        field.text
        for answer in real_answers()
        for locale in answer.locales
        if locale.startswith(language)
        for field in answer.fields(locale)
    ]
