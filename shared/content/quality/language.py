"""The language of every text: each field and sentence is in the language of its locale."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.wordlists import read_words
from shared.content.word_counts import words_of

RULE = "wrong_language"
_LANGUAGES = ("en", "es", "fr", "de", "it", "pt")
# Below, a text says too little about its language; 4 to 7 words need more certainty.
_SHORT = 4
_LONG = 8


def check(case: Case) -> Iterator[Finding]:
    """A field in another language; where a field has several sentences, each of them."""
    for field in case.fields:
        # Names are the same in every language and say nothing about the one around them.
        words = case.texts.own_words[field.path]
        if len(words) < _SHORT or _is_plainly(case.language, words):
            continue
        start = 0
        sentences, each_words = case.texts.sentences(field), case.texts.sentence_words(field)
        for sentence, its_words in zip(sentences, each_words, strict=True):
            start = field.text.find(sentence, start)
            own = [word for word in its_words if word not in case.subject.name_words]
            if len(own) < _SHORT or _is_plainly(case.language, own):
                continue
            other = _other_language(sentence, len(own), case)
            if other:
                language, severity = other
                advice = f"write it in the language of {case.locale}; it reads as {language}"
                span = (start, start + len(sentence))
                yield found(RULE, severity, field.path, field.text, span, advice)


def _other_language(text: str, count: int, case: Case) -> tuple[str, Severity] | None:
    """The language that a text of so many own words reads as, where that is not the locale's."""
    names = case.subject.name_words
    as_written = " ".join([word for word in words_of(text) if word.casefold() not in names])
    if _identifier().classify(as_written)[0] == case.language:
        return None
    ranked = dict(_identifier().rank(as_written))
    best = max(ranked, key=lambda language: ranked[language])
    margin = case.limits.language_margin if count >= _LONG else case.limits.short_language_margin
    if best == case.language or ranked[best] - ranked[case.language] < margin:
        return None
    return best, Severity.ERROR if count >= _LONG else Severity.WARNING


def _is_plainly(language: str, words: Sequence[str]) -> bool:
    """Whether its function words say it, which most sentences have; identification costs far more.

    Without one, or with one of another language, it is not plain.
    """
    own, foreign, shared = _function_words(language)
    if not foreign.isdisjoint(words):
        return False
    if not own.isdisjoint(words):
        return True
    languages = [shared[word] for word in words if word in shared]
    return bool(languages) and frozenset.intersection(*languages) == {language}


@lru_cache(maxsize=8)
def _function_words(language: str) -> tuple[frozenset[str], frozenset[str], dict[str, frozenset[str]]]:
    """Those of a language alone, those that it does not have, and the languages of those that it shares."""
    owners = {
        word: frozenset(languages.split())
        for languages, words in function_words().items()
        for word in words.split()
    }
    own = frozenset(word for word, languages in owners.items() if languages == {language})
    foreign = frozenset(word for word, languages in owners.items() if language not in languages)
    shared = {word: languages for word, languages in owners.items() if word not in own | foreign}
    return own, foreign, shared


def function_words() -> dict[str, str]:
    """Words by the languages that have them, which are separated by blanks."""
    words = read_words("function_words")
    return {**{name: each for name, each in words.items() if name != "shared"}, **words["shared"]}


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_LANGUAGES))
    return identifier
