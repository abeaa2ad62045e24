"""Products and answers for tests."""

from datetime import UTC, datetime
from typing import Any

from shared.models.outcome import ManifestLine
from shared.models.product import Product

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


def locale_content() -> dict[str, Any]:
    """What a model would write for one locale: valid, and plain to break in a test."""
    paragraph = "A solid instrument with a clear voice that suits players who practise at home every day."
    reason = {"title": "Clear voice", "description": paragraph}
    audience = {"user_type": "home players", "reason": "It is light, and quiet enough for a flat."}
    return {
        "basic_info": {
            "seo_title": "Ardena Halcyon 110",
            "meta_description": "The Ardena Halcyon 110 in brief, for players who practise at home.",
            "overview": paragraph,
            "key_features": ["mahogany body", "maple neck", "two humbuckers"],
        },
        "technical_analysis": {
            "sound_characteristics": {
                "tonal_profile": paragraph,
                "pickups": paragraph,
                "clean_sound": paragraph,
                "driven_sound": paragraph,
            },
            "build_quality": paragraph,
            "playability": paragraph,
        },
        "purchase_decision": {
            "why_buy": [reason, reason],
            "why_not_buy": [reason],
            "best_for": [audience, audience],
            "not_ideal_for": [audience],
        },
        "usage_guidance": {
            "recommended_companions": ["a small valve amplifier", "a padded bag"],
            "suitable_styles": {"excellent": ["blues", "rock"], "good": ["pop"], "limited": ["metal"]},
            "skill_development": paragraph,
        },
        "maintenance_care": {
            "care_instructions": paragraph,
            "common_issues": ["strings wear with daily use"],
            "upgrade_potential": paragraph,
        },
        "professional_assessment": {
            "standout_features": ["even response", "steady tuning"],
            "limitations": ["no case in the record"],
            "competitive_position": paragraph,
        },
        "qa": [{"question": "Does it suit a beginner?", "answer": paragraph}] * 3,
    }


def product_facts() -> dict[str, Any]:
    """What a model would judge of a product."""
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
