"""Products and answers for tests."""

from datetime import UTC, datetime
from typing import Any

import orjson

from shared.content.content_parts import PARTS_BY_NAME
from shared.content.planning import plan_content
from shared.domain.content_plan import ContentPlan
from shared.domain.outcome import ManifestLine
from shared.domain.product import Product

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def product(**changes: object) -> Product:
    fields: dict[str, Any] = {
        "product_id": "ARD-110",
        "sku": "ARD-110",
        "name": "Ardena Halcyon 110",
        "slug": "ardena-halcyon-110",
        "brand": "Ardena",
        "category": "electric-guitars",
        "category_name": "Electric Guitars",
        "description": "Mahogany body, maple neck, two humbuckers.",
        "specs": {"frets": "22"},
    }
    return Product.model_validate({**fields, **changes}).with_hashes()


def sent(**changes: object) -> ManifestLine:
    fields: dict[str, Any] = {
        "line": 7,
        "record": product().record(),
        "content_hash": "h",
        "prompt_version": "v1",
        "groups": (("en-GB",), ("de-DE",)),
        "attempts": {"en-GB": 1, "de-DE": 1},
    }
    return ManifestLine.model_validate({**fields, **changes})


_SENTENCES = (
    "{name} is a solid instrument whose clear voice suits players who practise at home. It asks for little, "
    "takes a place on any stand, and rewards a patient hand with an even tone, in quiet rooms above all.",
    "Chords keep their shape, and single notes stand out from them without effort.",
    "Both humbuckers answer a light touch as readily as a firm one.",
    "Played clean, it stays warm in the low strings and open in the high ones.",
    "Driven harder, it thickens before it gets rough, which leaves room to play.",
    "Mahogany gives the body some weight, and joints and edges are tidy all round.",
    "The maple neck feels even from the first fret to the last, so that moving about is simple.",
    "What you play is what you hear, so that slips and progress show alike.",
    "A strap and a chair will both do, since the balance hardly pulls either way.",
    "Nothing beyond the instrument is named in the record, so plan for a case of your own.",
    "Evenings in a flat go by without complaints from the other side of the wall.",
    "Lessons go better on something that stays in tune from one week to the next.",
    "On the road it would want more protection than it comes with.",
    "Begin with slow scales, then add simple songs, and let speed come by itself.",
    "Wipe the strings after playing, oil the fingerboard now and then, and check the neck every year.",
    "Strings and tuners can be changed later without any other work on the body.",
    "Among plain instruments of its kind it stands out by its calm, even response.",
    "Yes, since the neck is easy to hold and the controls explain themselves.",
    "It can, and without an amplifier it is hardly louder than a voice.",
    "Not at all, as the tuners turn smoothly and hold where they were left.",
)


def locale_content(name: str = "Ardena Halcyon 110") -> dict[str, Any]:
    """Stored content of one locale, with the parts of an earlier version too: good enough to publish."""
    sentences = (sentence.format(name=name) for sentence in _SENTENCES)

    def reason(title: str) -> dict[str, str]:
        return {"title": title, "description": next(sentences)}

    def audience(user_type: str) -> dict[str, str]:
        return {"user_type": user_type, "reason": next(sentences)}

    return {
        "basic_info": {
            "seo_title": name,
            "meta_description": f"{name} in brief, for players who practise at home.",
            "overview": next(sentences),
            "key_features": ["mahogany body", "maple neck", "two humbuckers"],
        },
        "technical_analysis": {
            "sound_characteristics": {
                "tonal_profile": next(sentences),
                "pickups": next(sentences),
                "clean_sound": next(sentences),
                "driven_sound": next(sentences),
            },
            "build_quality": next(sentences),
            "playability": next(sentences),
        },
        "purchase_decision": {
            "why_buy": [reason("Clear voice"), reason("Easy to hold")],
            "why_not_buy": [reason("Few extras")],
            "best_for": [audience("home players"), audience("students")],
            "not_ideal_for": [audience("touring bands")],
        },
        "usage_guidance": {
            "recommended_companions": ["a small valve amplifier", "a padded bag"],
            "suitable_styles": {"excellent": ["blues", "rock"], "good": ["pop"], "limited": ["metal"]},
            "skill_development": next(sentences),
        },
        "maintenance_care": {
            "care_instructions": next(sentences),
            "common_issues": ["strings wear with daily use"],
            "upgrade_potential": next(sentences),
        },
        "professional_assessment": {
            "standout_features": ["even response", "steady tuning"],
            "limitations": ["no case in the record"],
            "competitive_position": next(sentences),
        },
        "qa": [
            {"question": question, "answer": next(sentences)}
            for question in ("Does it suit a beginner?", "Can it be played at home?", "Is it hard to tune?")
        ],
    }


def plan() -> ContentPlan:
    """What is asked for `product()`."""
    return plan_content(product())


def locale_answer(name: str = "Ardena Halcyon 110", asked: ContentPlan | None = None) -> dict[str, Any]:
    """What a model would write for one locale, with every part of the plan filled."""
    answer: dict[str, Any] = {}
    for part in (PARTS_BY_NAME[each] for each in (asked or plan()).parts):
        value: Any = locale_content(name)
        for key in part.path:
            value = value[key]
        answer[part.name] = value
    return answer


def answer_text(texts: dict[str, Any], facts: dict[str, Any] | None = None) -> str:
    """The model's answer with some texts by locale, and with `facts` if given."""
    listed = [{"locale": locale, **text} for locale, text in texts.items()]
    return orjson.dumps({**({"facts": facts} if facts is not None else {}), "texts": listed}).decode()


def product_facts() -> dict[str, Any]:
    """What a model would state of `product()`: each fact with words of its record."""
    return {
        "skill_level": "beginner",
        "skill_level_basis": "two humbuckers",
        "best_genres": ["blues", "rock"],
        "best_genres_basis": "mahogany body",
    }


def earlier_facts() -> dict[str, Any]:
    """Facts of a product as the version before stored them."""
    return {
        "build_quality": 7,
        "sound_quality": 7,
        "playability": 8,
        "versatility": 6,
        "skill_level": "beginner",
        "durability": "high",
        "learning_curve": "easy",
        "maintenance_level": "low",
        "best_genres": ["blues", "rock"],
    }
