"""The sections that the model writes for one product in one locale, as pydantic models.

These models are the only source of the strict response schema (`response_schema`), of the validation after
parsing and of the stored form. The texts state no ratings and no levels: those are facts of the product.
"""

from shared.content.sound_characteristics import AnySound
from shared.content.text_types import (
    Line,
    Paragraph,
    Phrase,
    Section,
    Tag,
    characters_field,
    objects_field,
    phrases_field,
    words_field,
)

# Search engines cut off longer titles and descriptions, so a longer text gets a warning.
SEO_TITLE_CHARACTERS = 60
META_DESCRIPTION_CHARACTERS = 155


class Reason(Section):
    title: Line = words_field(2, 6)
    description: Paragraph = words_field(12, 22)


class Audience(Section):
    user_type: Line = words_field(2, 6, "who")
    reason: Paragraph = words_field(8, 18)


class QuestionAnswer(Section):
    question: Line = words_field(6, 14, "a question a buyer would ask")
    answer: Paragraph = words_field(15, 32)


class BasicInfo(Section):
    overview: Paragraph = words_field(40, 60, "what it is and whom it suits")
    key_features: list[Phrase] = phrases_field((3, 5), 3, 10, "from the record only")
    seo_title: Line = characters_field(SEO_TITLE_CHARACTERS, 100, "page title with the product's name")
    meta_description: Paragraph = characters_field(META_DESCRIPTION_CHARACTERS, 240, "for search results")


class TechnicalAnalysis(Section):
    sound_characteristics: AnySound
    build_quality: Paragraph = words_field(20, 40)
    playability: Paragraph = words_field(20, 40, "handling and ease of use")


class PurchaseDecision(Section):
    why_buy: list[Reason] = objects_field((2, 3))
    why_not_buy: list[Reason] = objects_field((1, 2))
    best_for: list[Audience] = objects_field((2, 3))
    not_ideal_for: list[Audience] = objects_field((1, 2))


class SuitableStyles(Section):
    excellent: list[Tag] = phrases_field((2, 4), 1, 4, "musical styles or uses")
    good: list[Tag] = phrases_field((1, 3), 1, 4)
    limited: list[Tag] = phrases_field((1, 2), 1, 4)


class UsageGuidance(Section):
    recommended_companions: list[Phrase] = phrases_field((2, 4), 2, 8, "kinds of equipment, no brands")
    suitable_styles: SuitableStyles
    skill_development: Paragraph = words_field(18, 35)


class MaintenanceCare(Section):
    care_instructions: Paragraph = words_field(25, 45, "after playing, now and then, once a year")
    common_issues: list[Phrase] = phrases_field((1, 3), 4, 12)
    upgrade_potential: Paragraph = words_field(12, 28, "no brands, no amounts")


class ProfessionalAssessment(Section):
    standout_features: list[Phrase] = phrases_field((2, 3), 3, 12)
    limitations: list[Phrase] = phrases_field((1, 3), 3, 12)
    competitive_position: Paragraph = words_field(20, 35, "no other brand named")


class LocaleContent(Section):
    """Everything the model writes for one product in one locale."""

    basic_info: BasicInfo
    technical_analysis: TechnicalAnalysis
    purchase_decision: PurchaseDecision
    usage_guidance: UsageGuidance
    maintenance_care: MaintenanceCare
    professional_assessment: ProfessionalAssessment
    qa: list[QuestionAnswer] = objects_field((3, 3))
