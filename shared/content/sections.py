"""What the model writes for one product in one locale: the typed sections.

These models are the one source of the strict response schema (`response_schema`), of the validation after
parsing, and of the stored form. Texts state no ratings and no levels: those are `facts`, asked once.
"""

from shared.content.sound import AnySound
from shared.content.text_kinds import (
    Line,
    Paragraph,
    Phrase,
    Section,
    Tag,
    characters,
    parts,
    phrases,
    words,
)

# What search engines show of a title and of a description; longer is cut off there, so it is a warning.
SEO_TITLE_CHARACTERS = 60
META_DESCRIPTION_CHARACTERS = 155


class Reason(Section):
    title: Line = words(2, 6)
    description: Paragraph = words(12, 22)


class Audience(Section):
    user_type: Line = words(2, 6, "who")
    reason: Paragraph = words(8, 18)


class QuestionAnswer(Section):
    question: Line = words(6, 14, "a question a buyer would ask")
    answer: Paragraph = words(15, 32)


class BasicInfo(Section):
    overview: Paragraph = words(40, 60, "what it is and whom it suits")
    key_features: list[Phrase] = phrases((3, 5), 3, 10, "from the record only")
    seo_title: Line = characters(SEO_TITLE_CHARACTERS, 100, "page title with the product's name")
    meta_description: Paragraph = characters(META_DESCRIPTION_CHARACTERS, 240, "for search results")


class TechnicalAnalysis(Section):
    sound_characteristics: AnySound
    build_quality: Paragraph = words(20, 40)
    playability: Paragraph = words(20, 40, "handling and ease of use")


class PurchaseDecision(Section):
    why_buy: list[Reason] = parts((2, 3))
    why_not_buy: list[Reason] = parts((1, 2))
    best_for: list[Audience] = parts((2, 3))
    not_ideal_for: list[Audience] = parts((1, 2))


class SuitableStyles(Section):
    excellent: list[Tag] = phrases((2, 4), 1, 4, "musical styles or uses")
    good: list[Tag] = phrases((1, 3), 1, 4)
    limited: list[Tag] = phrases((1, 2), 1, 4)


class UsageGuidance(Section):
    recommended_companions: list[Phrase] = phrases((2, 4), 2, 8, "kinds of equipment, no brands")
    suitable_styles: SuitableStyles
    skill_development: Paragraph = words(18, 35)


class MaintenanceCare(Section):
    care_instructions: Paragraph = words(25, 45, "after playing, now and then, once a year")
    common_issues: list[Phrase] = phrases((1, 3), 4, 12)
    upgrade_potential: Paragraph = words(12, 28, "no brands, no amounts")


class ProfessionalAssessment(Section):
    standout_features: list[Phrase] = phrases((2, 3), 3, 12)
    limitations: list[Phrase] = phrases((1, 3), 3, 12)
    competitive_position: Paragraph = words(20, 35, "no other brand named")


class LocaleContent(Section):
    """Everything the model writes for one product in one locale."""

    basic_info: BasicInfo
    technical_analysis: TechnicalAnalysis
    purchase_decision: PurchaseDecision
    usage_guidance: UsageGuidance
    maintenance_care: MaintenanceCare
    professional_assessment: ProfessionalAssessment
    qa: list[QuestionAnswer] = parts((3, 3))
