"""The one reader of stored content for channels: what a locale has to say, in the order of a product page.

Every part of stored content may be absent. Here a part that is absent is an empty text or is not there at
all, so no channel ever prints an empty heading.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.channels.labels import Labels, labels_of
from shared.content.product_facts import ProductFacts
from shared.content.sections import Audience, LocaleContent, QuestionAnswer, Reason


@dataclass(frozen=True)
class Point:
    """One point of a list. `title` may be empty."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class Block:
    """A section with something in it: paragraphs, or points. `key` is its key among the labels."""

    key: str
    label: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class ChannelText:
    """The texts of a product in one locale, as channels read them. An absent text is empty."""

    locale: str
    overview: str
    seo_title: str
    meta_description: str
    key_features: tuple[str, ...]
    skill_level: str
    genres: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]


def channel_text(locale: str, content: LocaleContent, facts: ProductFacts | None) -> ChannelText:
    """Read the content of a locale, with the labels of its language."""
    labels = labels_of(locale)
    level = facts.skill_level if facts else None
    genres = facts.best_genres if facts else []
    questions = tuple((each.question, each.answer) for each in content.qa if each.question and each.answer)
    skill = labels.skill_level[level] if level else ""
    named = tuple(labels.best_genres[genre] for genre in genres)
    return ChannelText(
        locale=locale,
        overview=content.basic_info.overview or "",
        seo_title=content.basic_info.seo_title or "",
        meta_description=content.basic_info.meta_description or "",
        key_features=tuple(filter(None, content.basic_info.key_features)),
        skill_level=skill,
        genres=named,
        questions=questions,
        blocks=tuple(_blocks(content, labels, skill, named)),
    )


def _blocks(content: LocaleContent, labels: Labels, skill: str, genres: tuple[str, ...]) -> Iterator[Block]:
    technical, decision = content.technical_analysis, content.purchase_decision
    usage, care, assessment = (
        content.usage_guidance,
        content.maintenance_care,
        content.professional_assessment,
    )
    styles = usage.suitable_styles
    texts = {
        "sound": tuple(technical.sound_characteristics.values()),
        "build_quality": (technical.build_quality,),
        "playability": (technical.playability,),
        "styles": (", ".join(filter(None, (*styles.excellent, *styles.good))),),
        "skill_level": (skill,),
        "best_genres": (", ".join(genres),),
        "skill_development": (usage.skill_development,),
        "care_instructions": (care.care_instructions,),
        "upgrade_potential": (care.upgrade_potential,),
        "competitive_position": (assessment.competitive_position,),
    }
    points = {
        "key_features": _phrases(content.basic_info.key_features),
        "standout_features": _phrases(assessment.standout_features),
        "why_buy": _titled(decision.why_buy),
        "why_not_buy": _titled(decision.why_not_buy),
        "best_for": _titled(decision.best_for),
        "not_ideal_for": _titled(decision.not_ideal_for),
        "limitations": _phrases(assessment.limitations),
        "companions": _phrases(usage.recommended_companions),
        "common_issues": _phrases(care.common_issues),
        "qa": _titled(content.qa),
    }
    # The order of the page is that of the labels.
    for key, label in labels.sections.items():
        paragraphs = tuple(text for text in texts.get(key, ()) if text)
        if paragraphs or points.get(key):
            yield Block(key, label, paragraphs, points.get(key, ()))


def _phrases(texts: list[str]) -> tuple[Point, ...]:
    return tuple(Point(text) for text in texts if text)


def _titled(items: list[Reason] | list[Audience] | list[QuestionAnswer]) -> tuple[Point, ...]:
    pairs = (_pair(item) for item in items)
    return tuple(Point(text, title) for title, text in pairs if text)


def _pair(item: Reason | Audience | QuestionAnswer) -> tuple[str, str]:
    match item:
        case Reason():
            return item.title, item.description
        case Audience():
            return item.user_type, item.reason
        case _:
            return item.question, item.answer
