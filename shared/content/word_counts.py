"""What is computed from a locale's texts for its metadata: words, and keywords for search engines."""

import re

from shared.content.sections import LocaleContent
from shared.content.text_fields import text_fields

_KEYWORDS = 8
_LONGEST_KEYWORD = 4
_WORD = re.compile(r"\w[\w'’-]*")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(_WORD.findall(text))


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, for comparing."""
    return tuple(_WORD.findall(text.casefold()))


def word_count(content: LocaleContent) -> int:
    """Words of all texts of a locale."""
    return sum(len(words_of(field.text)) for field in text_fields(content))


def seo_keywords(name: str, content: LocaleContent) -> list[str]:
    """The product's name, then the short phrases that the text itself gives as features and uses."""
    styles = content.usage_guidance.suitable_styles
    candidates = [name, *content.basic_info.key_features, *styles.excellent, *styles.good]
    short = [text for text in candidates[1:] if len(words_of(text)) <= _LONGEST_KEYWORD]
    by_form = {text.casefold(): text for text in reversed([name, *short])}
    return list(reversed(by_form.values()))[:_KEYWORDS]
