"""The parts that texts consist of: where each is stored, what it says, and how long it is at each depth.

A plan names parts. The response schema, the validation of answers and the checks of lengths read this table,
so what is asked, accepted and checked cannot differ. The name of a part is that of its field in the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from shared.content.evidence import FactKind
from shared.content.families import Family
from shared.domain.content_plan import Depth

MINIMAL, SHORT, STANDARD, FULL = Depth.MINIMAL, Depth.SHORT, Depth.STANDARD, Depth.FULL
# Texts for search engines: the characters that are asked for, and those that make a text invalid.
SEO_TITLE_CHARACTERS = 60
META_DESCRIPTION_CHARACTERS = 155
HARD_LIMITS = {SEO_TITLE_CHARACTERS: 100, META_DESCRIPTION_CHARACTERS: 240}

Range = tuple[int, int]


class Shape(Enum):
    """What the value of a part is."""

    TEXT = auto()
    SEARCH_TEXT = auto()
    PHRASES = auto()
    REASONS = auto()
    AUDIENCES = auto()
    QUESTIONS = auto()


@dataclass(frozen=True)
class Part:
    """One part. `sizes` has the depths at which it is asked for.

    A size is the number of words of a text or of each phrase, the number of characters of a text for search
    engines, and for other lists the number of items. `items` is the number of phrases. With `kinds`, the
    part is asked for only if the record has a fact of one of these; a full record gets all texts about sound.
    A part with `for_instruments` is not
    asked for accessories.
    """

    name: str
    section: str
    shape: Shape
    about: str
    sizes: Mapping[Depth, Range]
    items: Mapping[Depth, Range]
    kinds: frozenset[FactKind] | None = None
    for_instruments: bool = False
    required: bool = False

    @property
    def is_about_sound(self) -> bool:
        return self.section == _SOUND

    @property
    def path(self) -> tuple[str, ...]:
        """The keys under which the part is stored."""
        return (*filter(None, self.section.split(".")), _STORED_NAMES.get(self.name, self.name))


# Names that are shorter in the answer than in stored content. Suitable styles are in `suitable_styles.good`.
_STORED_NAMES = {"companions": "recommended_companions", "styles": "good"}
_SOUND = "technical_analysis.sound_characteristics"
_DECISION = "purchase_decision"
_ASSESSMENT = "professional_assessment"


def _text(name: str, section: str, about: str, *sizes: Range | None, **more: object) -> Part:
    return _part(name, section, Shape.TEXT, about, sizes, (), **more)


def _part(
    name: str,
    section: str,
    shape: Shape,
    about: str,
    sizes: tuple[Range | None, ...],
    items: tuple[Range | None, ...],
    **more: object,
) -> Part:
    return Part(name, section, shape, about, _by_depth(sizes), _by_depth(items), **more)  # type: ignore[arg-type]


def _by_depth(ranges: tuple[Range | None, ...]) -> dict[Depth, Range]:
    """The ranges by depth. They are given for the deepest depths, from the shallower to the deeper."""
    depths = list(Depth)[len(Depth) - len(ranges) :]
    return {depth: each for depth, each in zip(depths, ranges, strict=True) if each is not None}


def _list(name: str, section: str, shape: Shape, about: str, *items: Range | None, **more: object) -> Part:
    return _part(name, section, shape, about, items, items, **more)


def _phrases(name: str, section: str, words: Range, about: str, *items: Range | None, **more: object) -> Part:
    sizes = tuple(words if each else None for each in items)
    return _part(name, section, Shape.PHRASES, about, sizes, items, **more)


_K = FactKind
PARTS: tuple[Part, ...] = (
    _text("overview", "basic_info", "what it is and for whom", (18, 35), (25, 45), (35, 60), (60, 90),
          required=True),
    _part("seo_title", "basic_info", Shape.SEARCH_TEXT, "page title with the product's name",
          ((1, SEO_TITLE_CHARACTERS),) * 4, (), required=True),
    _part("meta_description", "basic_info", Shape.SEARCH_TEXT, "for search results",
          ((1, META_DESCRIPTION_CHARACTERS),) * 4, (), required=True),
    _phrases("key_features", "basic_info", (2, 10), "facts of the record, nothing else",
             (1, 3), (3, 5), (4, 8), required=True),
    _text("tonal_profile", _SOUND, "how its kind and materials usually sound", (12, 25), (15, 30), (25, 45),
          for_instruments=True, kinds=frozenset({_K.MATERIALS, _K.CONSTRUCTION, _K.ELECTRONICS, _K.SOUND})),
    _text("build_quality", "technical_analysis", "materials and construction", (12, 25), (15, 30), (25, 45),
          kinds=frozenset({_K.MATERIALS, _K.CONSTRUCTION})),
    _text("playability", "technical_analysis", "handling", (15, 30), (25, 45),
          kinds=frozenset({_K.CONSTRUCTION, _K.DIMENSIONS, _K.USE})),
    _phrases("standout_features", _ASSESSMENT, (5, 14), "what a fact means for the player", (1, 3), (2, 4)),
    _list("why_buy", _DECISION, Shape.REASONS, "for whom a fact matters", (1, 2), (1, 3), (2, 4)),
    _list("why_not_buy", _DECISION, Shape.REASONS, "follows from a fact or the kind", (0, 1), (0, 2)),
    _list("best_for", _DECISION, Shape.AUDIENCES, "", (1, 1), (1, 2), (2, 3)),
    _list("not_ideal_for", _DECISION, Shape.AUDIENCES, "", (0, 1), (0, 2)),
    _phrases("limitations", _ASSESSMENT, (4, 14), "follow from a fact or the kind", (0, 1), (0, 2)),
    _phrases("companions", "usage_guidance", (1, 6), "kinds of equipment, no brands", (0, 3), (0, 4)),
    _phrases("styles", "usage_guidance.suitable_styles", (1, 3), "musical styles", (0, 3), (0, 5),
             for_instruments=True),
    _text("care_instructions", "maintenance_care", "general to the kind", (20, 35), (30, 50),
          for_instruments=True),
    _text("skill_development", "usage_guidance", "", (20, 35), for_instruments=True),
    _phrases("common_issues", "maintenance_care", (4, 12), "usual for the kind", (0, 2),
             for_instruments=True),
    _text("upgrade_potential", "maintenance_care", "no brands", (15, 30), for_instruments=True),
    _text("competitive_position", _ASSESSMENT, "no other brand named", (20, 35)),
    _list("qa", "", Shape.QUESTIONS, "the record holds each answer", (0, 1), (0, 2), (3, 5)),
)  # fmt: skip

# The texts about sound that each family has besides `tonal_profile`.
SOUND_TEXTS: Mapping[Family, tuple[str, ...]] = {
    Family.ELECTRIC_GUITAR: ("pickups", "clean_sound", "driven_sound"),
    Family.ACOUSTIC_GUITAR: ("strumming", "fingerpicking", "flatpicking"),
    Family.BASS: ("pickups", "fingerstyle", "pick_and_slap"),
    Family.PIANO: ("keyboard_response", "sound_engine", "dynamics"),
    Family.SYNTHESIZER: ("sound_engine", "sound_shaping", "sequencing"),
    Family.CONTROLLER: ("keyboard_response", "controls", "software_use"),
    Family.DRUMS: ("attack", "tuning_range", "playing_feel"),
    Family.AMPLIFIER: ("channels", "clean_sound", "driven_sound"),
    Family.EFFECT: ("controls", "range_of_sounds", "place_in_chain"),
    Family.DJ: ("playback", "controls", "connections"),
    Family.TURNTABLE: ("playback", "cartridge", "connections"),
    Family.STUDIO: ("audio_quality", "inputs_and_outputs", "monitoring"),
    Family.MICROPHONE: ("pickup_pattern", "voices_and_instruments", "handling"),
    Family.PA: ("coverage", "speech", "music"),
    Family.BOWED: ("bowing", "plucking", "projection"),
    Family.WIND: ("response", "intonation", "projection"),
}
_SOUND_SIZES = {STANDARD: (10, 22), FULL: (15, 30)}
# The kinds of facts that a text about sound needs at the depth `standard`; others need facts about sound.
_TOUCH = frozenset({_K.CONSTRUCTION, _K.DIMENSIONS})
_ELECTRIC = frozenset({_K.ELECTRONICS})
_KINDS_OF_SOUND_TEXTS: Mapping[str, frozenset[FactKind]] = {
    "pickups": _ELECTRIC,
    "inputs_and_outputs": _ELECTRIC,
    "cartridge": _ELECTRIC,
    "connections": _ELECTRIC,
    "controls": _ELECTRIC,
    "software_use": _ELECTRIC,
    "channels": _ELECTRIC,
    "keyboard_response": _TOUCH,
    "playing_feel": _TOUCH,
    "handling": _TOUCH,
}
_SOUND_ITSELF = frozenset({_K.SOUND})


def _sound_part(name: str) -> Part:
    kinds = _KINDS_OF_SOUND_TEXTS.get(name, _SOUND_ITSELF)
    return Part(name, _SOUND, Shape.TEXT, "", _SOUND_SIZES, {}, kinds, for_instruments=True)


_NAMES = {part.name: part for part in PARTS}
_SOUND_PARTS = {name: _sound_part(name) for names in SOUND_TEXTS.values() for name in names}
PARTS_BY_NAME: Mapping[str, Part] = {**_NAMES, **_SOUND_PARTS}


def parts_of_family(family: Family) -> tuple[Part, ...]:
    """All parts that may be asked for a family, in the order of the answer."""
    sounds = [_SOUND_PARTS[name] for name in SOUND_TEXTS.get(family, ())]
    place = [part.name for part in PARTS].index("tonal_profile") + 1
    return (*PARTS[:place], *sounds, *PARTS[place:])
