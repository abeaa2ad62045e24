"""The texts of one product in one locale as they are stored, as pydantic models.

Every part may be absent: the plan asks for some of them, and the model may leave some null. Content of
earlier versions had all of them and a few more; what is not a field here is ignored when it is read.
"""

from pydantic import Field

from shared.content.text_types import Section

Texts = list[str]


class Reason(Section):
    title: str
    description: str


class Audience(Section):
    user_type: str
    reason: str


class QuestionAnswer(Section):
    question: str
    answer: str


class BasicInfo(Section):
    overview: str | None = None
    key_features: Texts = Field(default_factory=list)
    seo_title: str | None = None
    meta_description: str | None = None


class TechnicalAnalysis(Section):
    # A tonal profile, and the texts of the product's family (`content_parts.SOUND_TEXTS`), by name.
    sound_characteristics: dict[str, str] = Field(default_factory=dict)
    build_quality: str | None = None
    playability: str | None = None


class PurchaseDecision(Section):
    why_buy: list[Reason] = Field(default_factory=list)
    why_not_buy: list[Reason] = Field(default_factory=list)
    best_for: list[Audience] = Field(default_factory=list)
    not_ideal_for: list[Audience] = Field(default_factory=list)


class SuitableStyles(Section):
    """Musical styles. Only content of earlier versions tells excellent, good and limited apart."""

    excellent: Texts = Field(default_factory=list)
    good: Texts = Field(default_factory=list)
    limited: Texts = Field(default_factory=list)


class UsageGuidance(Section):
    recommended_companions: Texts = Field(default_factory=list)
    suitable_styles: SuitableStyles = SuitableStyles()
    skill_development: str | None = None


class MaintenanceCare(Section):
    care_instructions: str | None = None
    common_issues: Texts = Field(default_factory=list)
    upgrade_potential: str | None = None


class ProfessionalAssessment(Section):
    standout_features: Texts = Field(default_factory=list)
    limitations: Texts = Field(default_factory=list)
    competitive_position: str | None = None


class LocaleContent(Section):
    """Everything the model wrote for one product in one locale."""

    basic_info: BasicInfo = BasicInfo()
    technical_analysis: TechnicalAnalysis = TechnicalAnalysis()
    purchase_decision: PurchaseDecision = PurchaseDecision()
    usage_guidance: UsageGuidance = UsageGuidance()
    maintenance_care: MaintenanceCare = MaintenanceCare()
    professional_assessment: ProfessionalAssessment = ProfessionalAssessment()
    qa: list[QuestionAnswer] = Field(default_factory=list)
