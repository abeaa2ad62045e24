"""Claims that nobody can answer for: superlatives, guarantees, offers, and what customers think."""

from collections.abc import Iterator

from shared.content.quality.case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.wordlists import patterns

REVIEW_RULE = "customer_review"
CLAIM_RULE = "forbidden_claim"
OFFER_RULE = "offer"
_REVIEW_ADVICE = "do not say what customers, players or reviewers think; nobody was asked"
_CLAIM_ADVICE = "no superlatives, awards or guarantees; say what the record says"
_OFFER_ADVICE = "nothing about availability, delivery, warranty or discounts; the shop says that"


def check(case: Case) -> Iterator[Finding]:
    """Invented reviews and offers are errors, and so are claims: each can be held against a shop."""
    words = patterns(case.language)
    rules = (
        (REVIEW_RULE, words.reviews, _REVIEW_ADVICE),
        (CLAIM_RULE, words.claims, _CLAIM_ADVICE),
        (OFFER_RULE, words.offers, _OFFER_ADVICE),
    )
    for field in case.fields:
        for rule, pattern, advice in rules:
            for match in pattern.finditer(field.text):
                # A model's name may hold such a word ("Best of Both").
                if match[0] not in case.subject.name:
                    yield found(rule, Severity.ERROR, field.path, field.text, match.span(), advice)
