"""Instrument families: the family of a category decides which sound characteristics the model describes.

Catalogues name their categories freely, so the family is found by words in the category's name or slug.
"""

from enum import StrEnum
from functools import lru_cache

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
    STUDIO = "studio"
    MICROPHONE = "microphone"
    PA = "pa"
    BOWED = "bowed"
    WIND = "wind"
    OTHER = "other"


# The first row with a word of the category decides. So a guitar accessory is an accessory, a bass amplifier
# an amplifier, and a MIDI keyboard a controller.
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


@lru_cache(maxsize=8192)  # called for every request line and every answer
def family_of(category: str) -> Family:
    """The family of a category, by its name (`Electric Basses`) or slug (`electric-basses`)."""
    name = category.lower().replace("-", " ")
    for family, words in _WORDS:
        # Only at the start of a word: "amps" must not match in "clamps".
        if any(f" {word}" in f" {name}" for word in words):
            return family
    return Family.OTHER


def family_of_product(product: ProductRecord) -> Family:
    """The family of a product's category."""
    return family_of(product.category_name or product.category)
