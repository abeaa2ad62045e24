"""Families of categories: which block of sound characteristics a product is described by.

Catalogues name categories as they like, so a family is found by words in the category's name or slug.
"""

from enum import StrEnum
from functools import lru_cache

from shared.domain.product import ProductRecord


class Family(StrEnum):
    """What kind of instrument or equipment a category holds, as far as its texts differ."""

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
    STUDIO = "studio"
    MICROPHONE = "microphone"
    PA = "pa"
    BOWED = "bowed"
    WIND = "wind"
    OTHER = "other"


# The first row with a word in the category decides: an accessory of anything is an accessory, an amplifier
# for basses an amplifier, a MIDI keyboard a controller.
_WORDS: tuple[tuple[Family, tuple[str, ...]], ...] = (
    (Family.OTHER, ("accessor", "stands", "cases", "cable", "spare")),
    (Family.AMPLIFIER, ("amplifier", "amps", "cabinet")),
    (Family.EFFECT, ("effect", "pedal", "stompbox")),
    (Family.MICROPHONE, ("microphone", "mics")),
    (Family.CONTROLLER, ("midi", "master keyboard", "controller keyboard")),
    (Family.DJ, ("turntable", "dj", "mixer")),
    (Family.STUDIO, ("interface", "studio", "recording", "monitor", "preamp")),
    (Family.PA, ("pa system", "loudspeaker", "speaker", "public address")),
    (Family.DRUMS, ("drum", "percussion", "cymbal", "cajon")),
    (Family.BASS, ("bass",)),
    (Family.ACOUSTIC_GUITAR, ("acoustic guitar", "travel guitar", "classical guitar", "steel string",
                              "ukulele", "banjo", "mandolin")),
    (Family.ELECTRIC_GUITAR, ("guitar",)),
    (Family.SYNTHESIZER, ("synth", "workstation", "groove", "sampler")),
    (Family.PIANO, ("piano", "keyboard", "organ", "accordion")),
    (Family.BOWED, ("violin", "viola", "cello", "string instrument", "bowed")),
    (Family.WIND, ("wind", "brass", "flute", "clarinet", "saxophone", "trumpet", "trombone", "recorder")),
)  # fmt: skip


@lru_cache(maxsize=8192)  # asked for every line that is built and every answer that is judged
def family_of(category: str) -> Family:
    """The family of a category, by its name (`Electric Basses`) or slug (`electric-basses`)."""
    name = category.lower().replace("-", " ")
    for family, words in _WORDS:
        # At the start of a word, so that "amps" are not found in "clamps".
        if any(f" {word}" in f" {name}" for word in words):
            return family
    return Family.OTHER


def family_of_product(product: ProductRecord) -> Family:
    """The family of a product's category."""
    return family_of(product.category_name or product.category)
