"""Deterministic checks of the model's texts. Each module holds related rules, and each finding its reason.

An error rejects a text, a warning lowers its score. `docs/quality.md` lists every rule with its measured
false alarms and misses. The thresholds come from real answers only.
"""

from shared.content.quality.assessment import (
    build_context,
    check_content,
    joined,
    read_locale_texts,
    run_checks,
)
from shared.content.quality.check_context import OtherProduct, SourceRecord, read_source_record
from shared.content.quality.findings import Assessment, Finding, Severity
from shared.content.quality.limits import QualityLimits
from shared.content.quality.locale_texts import LocaleTexts

__all__ = [
    "Assessment", "Finding", "LocaleTexts", "OtherProduct", "QualityLimits", "Severity", "SourceRecord",
    "build_context", "check_content", "joined", "read_locale_texts", "read_source_record", "run_checks",
]  # fmt: skip
