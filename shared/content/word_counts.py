"""Words of texts, and the metadata of a locale that is computed from them: word count and SEO keywords."""

import re

from shared.content.sections import LocaleContent
from shared.content.text_fields import text_fields

_MAX_KEYWORDS = 8
_MAX_KEYWORD_WORDS = 4
_WORD = re.compile(r"\w[\w'’-]*")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(_WORD.findall(text))


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text, case-folded for comparison."""
    return tuple(_WORD.findall(text.casefold()))


def word_count(content: LocaleContent) -> int:
    """The number of words in all texts of a locale."""
    return sum(len(words_of(field.text)) for field in text_fields(content))


def seo_keywords(name: str, content: LocaleContent) -> list[str]:
    """The product's name, then short phrases of the content: its key features and suitable styles.

    At most eight, without duplicates that differ only by case.
    """
    styles = content.usage_guidance.suitable_styles
    candidates = [name, *content.basic_info.key_features, *styles.excellent, *styles.good]
    short = [text for text in candidates[1:] if len(words_of(text)) <= _MAX_KEYWORD_WORDS]
    by_form = {text.casefold(): text for text in reversed([name, *short])}
    return list(reversed(by_form.values()))[:_MAX_KEYWORDS]
