"""What the model writes for one product in one locale: the typed sections.

These models are the one source of the strict response schema (`response_schema`), of the validation after
parsing, and of the stored form. Bounds that Azure's strict mode cannot express stand here for validation
and, in words, in each field's description for the model.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.content.texts import CONTROL

_LINK = re.compile(r"https?://|www\.|\b[\w.+-]+@[\w-]+\.\w", re.IGNORECASE)


def _plain(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("holds control characters")
    if _LINK.search(text):
        raise ValueError("holds a link or an e-mail address; links come from the catalogue only")
    return text


Paragraph = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=20, max_length=1200),
    AfterValidator(_plain),
]
Phrase = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=300),
    AfterValidator(_plain),
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(_Section):
    title: Phrase = Field(description="2 to 6 words")
    description: Paragraph = Field(description="12 to 30 words")


class QuestionAnswer(_Section):
    question: Phrase = Field(description="a question a buyer would ask, 6 to 16 words")
    answer: Paragraph = Field(description="15 to 40 words")


class BasicInfo(_Section):
    overview: Paragraph = Field(description="what it is and whom it suits, 40 to 70 words")
    key_features: list[Phrase] = Field(
        min_length=3, max_length=5, description="3 to 5 items of 3 to 10 words, from the record only"
    )


class TechnicalAnalysis(_Section):
    sound_characteristics: Paragraph = Field(description="30 to 60 words")
    build_quality: Paragraph = Field(description="25 to 50 words")
    playability: Paragraph = Field(description="handling and ease of use, 25 to 50 words")


class PurchaseDecision(_Section):
    why_buy: list[Reason] = Field(min_length=2, max_length=3, description="2 to 3 items")
    why_not_buy: list[Reason] = Field(min_length=1, max_length=2, description="1 to 2 items")
    best_for: list[Phrase] = Field(min_length=2, max_length=4, description="2 to 4 items of 3 to 10 words")
    not_ideal_for: list[Phrase] = Field(
        min_length=1, max_length=3, description="1 to 3 items of 3 to 10 words"
    )


class UsageGuidance(_Section):
    recommended_companions: list[Phrase] = Field(
        min_length=2, max_length=4, description="2 to 4 kinds of equipment, no brands, of 2 to 8 words"
    )
    suitable_styles: list[Phrase] = Field(
        min_length=2, max_length=5, description="2 to 5 musical styles or uses of 1 to 4 words"
    )
    skill_development: Paragraph = Field(description="25 to 50 words")


class MaintenanceCare(_Section):
    care_instructions: Paragraph = Field(description="25 to 50 words")
    common_issues: list[Phrase] = Field(
        min_length=1, max_length=3, description="1 to 3 items of 4 to 14 words"
    )


class ProfessionalAssessment(_Section):
    standout_features: list[Phrase] = Field(
        min_length=2, max_length=3, description="2 to 3 items of 3 to 12 words"
    )
    limitations: list[Phrase] = Field(min_length=1, max_length=3, description="1 to 3 items of 3 to 12 words")
    competitive_position: Paragraph = Field(description="25 to 50 words, no other brand named")


class LocaleContent(_Section):
    """Everything the model writes for one product in one locale."""

    basic_info: BasicInfo
    technical_analysis: TechnicalAnalysis
    purchase_decision: PurchaseDecision
    usage_guidance: UsageGuidance
    maintenance_care: MaintenanceCare
    professional_assessment: ProfessionalAssessment
    qa: list[QuestionAnswer] = Field(min_length=3, max_length=3, description="3 items")
