"""Finding quoted words: what typography may change, and what nothing may change."""

import pytest

from shared.verification.verbatim import find_words

TEXT = 'L’aftertouch – «en fin de course» – ajoute\u00a0du vibrato; manche 24,75" et 30 touches.'


@pytest.mark.parametrize(
    "words",
    [
        "L’aftertouch", "l'aftertouch", "en fin de course", '"en fin de course"', "„en fin de course“",
        "ajoute du  vibrato", "ajoute du\nvibrato", "L'aftertouch - «en fin", "24,75″", '24,75\\"',
        "ajoute du vibrato.", "…ajoute du vibrato…", "30 touches",
    ],
)  # fmt: skip
def test_typography_may_differ(words: str) -> None:
    assert find_words(TEXT, words)


@pytest.mark.parametrize(
    "words",
    [
        "aftertouch ajoute", "ajoute le vibrato", "l'àftertouch", "24,7", "0 touches", "3", "75", "24",
        "", "…", "-", "ajoute … vibrato", "vibrato ajoute du",
    ],
)  # fmt: skip
def test_words_accents_and_digits_may_not(words: str) -> None:
    assert find_words(TEXT, words) is None


def test_the_offsets_are_those_of_the_text_as_it_is() -> None:
    text = "Ein  schöner\u00adKlang «hier»."
    start, end = find_words(text, 'SCHÖNERKLANG "hier"') or (0, 0)
    assert text[start:end] == "schöner\u00adKlang «hier»"
    decomposed = "Bu\u0308nde aus Neusilber"
    start, end = find_words(decomposed, "Bünde") or (0, 0)
    assert decomposed[start:end] == "Bu\u0308nde"


def test_a_number_is_found_only_as_a_whole() -> None:
    text = "130 W, 30 W and 3 W"
    start, end = find_words(text, "30 W") or (0, 0)
    assert (text[start:end], start) == ("30 W", 7)
    assert find_words(text, "3 W") == (16, 19)
