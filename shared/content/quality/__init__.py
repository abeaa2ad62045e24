"""Deterministic checks of what the model wrote: one module a family of rules, each finding with its reason.

An error blocks a text, a warning costs score. `docs/quality.md` has every rule with its measured false
alarms and misses; thresholds come from real answers only.
"""

from shared.content.quality.assessment import assess, assess_texts, case_of, joined, readings_of
from shared.content.quality.check_case import OtherProduct, Subject, subject_of
from shared.content.quality.findings import Assessment, Finding, Severity
from shared.content.quality.limits import QualityLimits
from shared.content.quality.locale_texts import Reading

__all__ = [
    "Assessment", "Finding", "OtherProduct", "QualityLimits", "Reading", "Severity", "Subject", "assess",
    "assess_texts", "case_of", "joined", "readings_of", "subject_of",
]  # fmt: skip
