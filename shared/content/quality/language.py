"""Texts and sentences that are not in the language of their locale."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.wordlists import read_vocabulary
from shared.content.word_counts import words_of

RULE = "wrong_language"
_LANGUAGES = ("en", "es", "fr", "de", "it", "pt")
# A text with fewer words tells too little about its language.
_MIN_WORDS = 4
# A shorter text needs more certainty, and is a warning instead of an error.
_LONG = 8


def check(context: CheckContext) -> Iterator[Finding]:
    """Each sentence in another language."""
    for field in context.fields:
        # Words of the product's name are the same in every language, so they are ignored.
        words = context.texts.own_words[field.path]
        if len(words) < _MIN_WORDS or _is_clearly_in(context.language, words):
            continue
        start = 0
        sentences, words_by_sentence = context.texts.sentences(field), context.texts.sentence_words(field)
        for sentence, sentence_words in zip(sentences, words_by_sentence, strict=True):
            start = field.text.find(sentence, start)
            own = [word for word in sentence_words if word not in context.source.name_words]
            if len(own) < _MIN_WORDS or _is_clearly_in(context.language, own):
                continue
            other = _other_language(sentence, len(own), context)
            if other:
                language, severity = other
                advice = f"write it in the language of {context.locale}; it reads as {language}"
                span = (start, start + len(sentence))
                yield finding_at(RULE, severity, field.path, field.text, span, advice)


def _other_language(text: str, count: int, context: CheckContext) -> tuple[str, Severity] | None:
    """The language of a text with `count` own words and the severity, or None if it may be the locale's."""
    names = context.source.name_words
    own_text = " ".join([word for word in words_of(text) if word.casefold() not in names])
    if _identifier().classify(own_text)[0] == context.language:
        return None
    ranked = dict(_identifier().rank(own_text))
    best = max(ranked, key=lambda language: ranked[language])
    margin = context.limits.language_margin if count >= _LONG else context.limits.short_language_margin
    if best == context.language or ranked[best] - ranked[context.language] < margin:
        return None
    return best, Severity.ERROR if count >= _LONG else Severity.WARNING


def _is_clearly_in(language: str, words: Sequence[str]) -> bool:
    """Whether function words alone show that the words are in `language`.

    Most sentences pass this test, which is far cheaper than language identification. False when there is no
    function word, or one that only other languages have.
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
    """Function words of `language` only, those of other languages only, and the languages of shared ones."""
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
    """Function words by their languages. Keys and values are lists that are separated by spaces."""
    vocabulary = read_vocabulary("function_words")
    own = {language: words for language, words in vocabulary.items() if language != "shared"}
    return {**own, **vocabulary["shared"]}


@lru_cache(maxsize=8)
def function_words_of(language: str) -> frozenset[str]:
    """The function words of a language, also those that it shares with others."""
    owned = [words for owners, words in function_words().items() if language in owners.split()]
    return frozenset(word for words in owned for word in words.split())


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_LANGUAGES))
    return identifier
