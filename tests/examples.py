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
        "product_id": "ARD-110",
        "category": "electric-guitars",
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
    return {
        "basic_info": {
            "overview": paragraph,
            "key_features": ["mahogany body", "maple neck", "two humbuckers"],
        },
        "technical_analysis": {
            "sound_characteristics": paragraph,
            "build_quality": paragraph,
            "playability": paragraph,
        },
        "purchase_decision": {
            "why_buy": [reason, reason],
            "why_not_buy": [reason],
            "best_for": ["home practice", "small stages"],
            "not_ideal_for": ["very loud bands"],
        },
        "usage_guidance": {
            "recommended_companions": ["a small valve amplifier", "a padded bag"],
            "suitable_styles": ["blues", "rock"],
            "skill_development": paragraph,
        },
        "maintenance_care": {
            "care_instructions": paragraph,
            "common_issues": ["strings wear with daily use"],
        },
        "professional_assessment": {
            "standout_features": ["even response", "steady tuning"],
            "limitations": ["no case in the record"],
            "competitive_position": paragraph,
        },
        "qa": [{"question": "Does it suit a beginner?", "answer": paragraph}] * 3,
    }
