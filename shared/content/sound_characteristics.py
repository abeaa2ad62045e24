"""The sound characteristics of a product: a tonal profile, and three texts that depend on its family.

Each family has its own set of fields, so stored content needs no field that names the family.
"""

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Tag

from shared.content.families import Family
from shared.content.text_types import Paragraph, Section, words_field


class Sound(Section):
    """The base of all sound characteristics: the text that every family has."""

    family: ClassVar[Family]

    tonal_profile: Paragraph = words_field(18, 35, "the character of the sound")


class ElectricGuitarSound(Sound):
    family = Family.ELECTRIC_GUITAR

    pickups: Paragraph = words_field(12, 25)
    clean_sound: Paragraph = words_field(12, 25)
    driven_sound: Paragraph = words_field(12, 25)


class AcousticGuitarSound(Sound):
    family = Family.ACOUSTIC_GUITAR

    strumming: Paragraph = words_field(12, 25)
    fingerpicking: Paragraph = words_field(12, 25)
    flatpicking: Paragraph = words_field(12, 25)


class BassSound(Sound):
    family = Family.BASS

    pickups: Paragraph = words_field(12, 25)
    fingerstyle: Paragraph = words_field(12, 25)
    pick_and_slap: Paragraph = words_field(12, 25)


class PianoSound(Sound):
    family = Family.PIANO

    keyboard_response: Paragraph = words_field(12, 25)
    sound_engine: Paragraph = words_field(12, 25)
    dynamics: Paragraph = words_field(12, 25)


class SynthesizerSound(Sound):
    family = Family.SYNTHESIZER

    sound_engine: Paragraph = words_field(12, 25)
    sound_shaping: Paragraph = words_field(12, 25)
    sequencing: Paragraph = words_field(12, 25)


class ControllerSound(Sound):
    family = Family.CONTROLLER

    keyboard_response: Paragraph = words_field(12, 25)
    controls: Paragraph = words_field(12, 25)
    software_use: Paragraph = words_field(12, 25)


class DrumsSound(Sound):
    family = Family.DRUMS

    attack: Paragraph = words_field(12, 25)
    tuning_range: Paragraph = words_field(12, 25)
    playing_feel: Paragraph = words_field(12, 25)


class AmplifierSound(Sound):
    family = Family.AMPLIFIER

    channels: Paragraph = words_field(12, 25)
    clean_sound: Paragraph = words_field(12, 25)
    driven_sound: Paragraph = words_field(12, 25)


class EffectSound(Sound):
    family = Family.EFFECT

    controls: Paragraph = words_field(12, 25)
    range_of_sounds: Paragraph = words_field(12, 25)
    place_in_chain: Paragraph = words_field(12, 25)


class DjSound(Sound):
    family = Family.DJ

    playback: Paragraph = words_field(12, 25)
    controls: Paragraph = words_field(12, 25)
    connections: Paragraph = words_field(12, 25)


class StudioSound(Sound):
    family = Family.STUDIO

    audio_quality: Paragraph = words_field(12, 25)
    inputs_and_outputs: Paragraph = words_field(12, 25)
    monitoring: Paragraph = words_field(12, 25)


class MicrophoneSound(Sound):
    family = Family.MICROPHONE

    pickup_pattern: Paragraph = words_field(12, 25)
    voices_and_instruments: Paragraph = words_field(12, 25)
    handling: Paragraph = words_field(12, 25)


class PaSound(Sound):
    family = Family.PA

    coverage: Paragraph = words_field(12, 25)
    speech: Paragraph = words_field(12, 25)
    music: Paragraph = words_field(12, 25)


class BowedSound(Sound):
    family = Family.BOWED

    bowing: Paragraph = words_field(12, 25)
    plucking: Paragraph = words_field(12, 25)
    projection: Paragraph = words_field(12, 25)


class WindSound(Sound):
    family = Family.WIND

    response: Paragraph = words_field(12, 25)
    intonation: Paragraph = words_field(12, 25)
    projection: Paragraph = words_field(12, 25)


class OtherSound(Sound):
    family = Family.OTHER

    effect_on_sound: Paragraph = words_field(12, 25)
    in_use: Paragraph = words_field(12, 25)
    compatibility: Paragraph = words_field(12, 25)


_FIELDS = {model.family: frozenset(model.model_fields) for model in Sound.__subclasses__()}


def _nearest_family(value: Any) -> Family:
    """The family that shares the most fields with `value`. Faults then name the fields of that family."""
    if isinstance(value, Sound):
        return value.family
    keys = value.keys() if isinstance(value, dict) else frozenset()
    return max(_FIELDS, key=lambda family: (len(_FIELDS[family] & keys), family == Family.OTHER))


AnySound = Annotated[
    Annotated[ElectricGuitarSound, Tag(Family.ELECTRIC_GUITAR)]
    | Annotated[AcousticGuitarSound, Tag(Family.ACOUSTIC_GUITAR)]
    | Annotated[BassSound, Tag(Family.BASS)]
    | Annotated[PianoSound, Tag(Family.PIANO)]
    | Annotated[SynthesizerSound, Tag(Family.SYNTHESIZER)]
    | Annotated[ControllerSound, Tag(Family.CONTROLLER)]
    | Annotated[DrumsSound, Tag(Family.DRUMS)]
    | Annotated[AmplifierSound, Tag(Family.AMPLIFIER)]
    | Annotated[EffectSound, Tag(Family.EFFECT)]
    | Annotated[DjSound, Tag(Family.DJ)]
    | Annotated[StudioSound, Tag(Family.STUDIO)]
    | Annotated[MicrophoneSound, Tag(Family.MICROPHONE)]
    | Annotated[PaSound, Tag(Family.PA)]
    | Annotated[BowedSound, Tag(Family.BOWED)]
    | Annotated[WindSound, Tag(Family.WIND)]
    | Annotated[OtherSound, Tag(Family.OTHER)],
    Discriminator(_nearest_family),
]
