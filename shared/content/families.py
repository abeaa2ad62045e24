"""Instrument families: the family of a category decides which texts about sound the model writes.

Catalogues name their categories freely and in their own language, so the family is found by words in the
category's name or slug (`family_words.toml`). A shop can map its categories itself (`CATEGORY_FAMILIES`).
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from shared.domain.product import ProductRecord


class Family(StrEnum):
    """The kinds of instruments or equipment whose texts differ."""

    ELECTRIC_GUITAR = "electric_guitar"
    ACOUSTIC_GUITAR = "acoustic_guitar"
    BASS = "bass"
    PIANO = "piano"
    SYNTHESIZER = "synthesizer"
    CONTROLLER = "controller"
    DRUMS = "drums"
    AMPLIFIER = "amplifier"
    EFFECT = "effect"
    DJ = "dj"
    TURNTABLE = "turntable"
    STUDIO = "studio"
    MICROPHONE = "microphone"
    PA = "pa"
    BOWED = "bowed"
    WIND = "wind"
    OTHER = "other"

    @property
    def sounds(self) -> bool:
        """Whether it makes, shapes or plays sound. A stand does not, and a controller only steers."""
        return self not in (Family.OTHER, Family.CONTROLLER)


_NO_MAPPING: Mapping[str, Family] = MappingProxyType({})
# A lamp, bracket or stand by its name, in whatever category it is: the noun ends the name or comes before
# "for". Not in a bundle ("incl. case", "with stand").
_ACCESSORY_NAME = re.compile(
    r"\b(?:lamp|bracket|wall mount|stand|bench|stool|bag|cover|strap|stativ|lampe|halterung|wandhalter"
    r"|soporte|lampara|funda|housse|support mural|supporto|custodia|suporte|candeeiro)s?"
    r"(?:$| (?:for|fur|para|pour|per) )"
)
_BUNDLE = re.compile(r"\b(?:incl|with|w|inkl|mit|con|avec|com|bundle|set)\b|[+&]")
_PATH_MARK = re.compile("[>»›]")
_FOR_DJS = re.compile(r"\b(?:dj|djs|scratch\w*)\b")


def find_family(category: str) -> Family | None:
    """The family of a category, by its name (`Electric Basses`) or slug. None if no word is known."""
    return _find(category)


def family_of(category: str) -> Family:
    """The family of a category, or `OTHER` if no word of it is known."""
    return _find(category) or Family.OTHER


def family_of_product(product: ProductRecord, mapping: Mapping[str, Family] = _NO_MAPPING) -> Family:
    """The family of a product. `mapping` is the shop's own, by slug of the category."""
    name = _plain(product.name)
    if _ACCESSORY_NAME.search(name) and not _BUNDLE.search(product.name.lower()):
        return Family.OTHER
    family = mapping.get(product.category) or family_of(product.category_name or product.category)
    # Turntables for hi-fi and for DJs share a category in most catalogues.
    if family == Family.TURNTABLE and _FOR_DJS.search(f"{name} {_plain(product.description)}"):
        return Family.DJ
    return family


@lru_cache(maxsize=8192)  # called for every request line and every answer
def _find(category: str) -> Family | None:
    # Shop systems write paths (`Instruments > Guitars > Electric Guitars`): the last known name decides.
    for name in reversed(_PATH_MARK.split(category)):
        plain = _plain(name)
        for family, pattern in _patterns():
            if pattern.search(plain):
                return family
    return None


def _plain(text: str) -> str:
    """Lower-case words without accents, separated by single spaces."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", kept.replace("_", " ")))


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[Family, re.Pattern[str]], ...]:
    source = files(__package__).joinpath("family_words.toml")
    rows = tomllib.loads(source.read_text(encoding="utf-8"))["rows"]
    return tuple(
        (Family(row["family"]), re.compile("|".join(map(_as_pattern, row["words"].split("|")))))
        for row in rows
    )


def _as_pattern(word: str) -> str:
    marks = {"=": rf"\b{word[1:]}\b", "~": word[1:], "^": rf"^{word[1:]}"}
    return marks.get(word[0], rf"\b{word}")
