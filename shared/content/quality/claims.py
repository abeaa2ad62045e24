"""Claims that nobody can answer for: superlatives, guarantees, offers, and what customers think."""

from collections.abc import Iterator

from shared.content.quality.case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.wordlists import patterns

REVIEW_RULE = "customer_review"
MENTION_RULE = "customer_mention"
CLAIM_RULE = "forbidden_claim"
PUFFERY_RULE = "puffery"
OFFER_RULE = "offer"
_REVIEW_ADVICE = "do not say what customers, players or reviewers think; nobody was asked"
_MENTION_ADVICE = "leave customers, critics and what many players do out; speak of the product"
_CLAIM_ADVICE = "no superlatives, awards or guarantees; say what the record says"
_PUFFERY_ADVICE = "say what makes it so instead of praising it"
_OFFER_ADVICE = "nothing about availability, delivery, warranty or discounts; the shop says that"


def check(case: Case) -> Iterator[Finding]:
    """Invented reviews, claims and offers are errors: each can be held against a shop.

    Words for people with opinions are a warning, where no pattern of a review was found around them: nobody
    can list every way to invent one.
    """
    words = patterns(case.language)
    rules = [
        (CLAIM_RULE, words.claims, Severity.ERROR, _CLAIM_ADVICE),
        (PUFFERY_RULE, words.puffery, Severity.WARNING, _PUFFERY_ADVICE),
        (OFFER_RULE, words.offers, Severity.ERROR, _OFFER_ADVICE),
    ]
    review = (REVIEW_RULE, words.reviews, Severity.ERROR, _REVIEW_ADVICE)
    mention = (MENTION_RULE, words.mentions, Severity.WARNING, _MENTION_ADVICE)
    for field in case.fields:
        people = review if words.reviews.search(field.text) else mention
        for rule, pattern, severity, advice in (people, *rules):
            for match in pattern.finditer(field.text):
                # A model's name may hold such a word ("Best of Both").
                if match[0] not in case.subject.name:
                    yield found(rule, severity, field.path, field.text, match.span(), advice)
