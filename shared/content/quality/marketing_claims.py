"""Claims that nobody can answer for: superlatives, guarantees, offers, and what customers think."""

from collections.abc import Iterator

from shared.content.locales import language_of
from shared.content.quality.check_case import Case
from shared.content.quality.findings import Finding, Severity, found
from shared.content.quality.prefilter import Spotter
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


def spotters(locale: str) -> tuple[Spotter, ...]:
    words = patterns(language_of(locale))
    return words.reviews, words.mentions, words.claims, words.puffery, words.offers


def check(case: Case) -> Iterator[Finding]:
    """Invented reviews, claims and offers are errors: each can be held against a shop.

    Words for people with opinions are a warning, where no pattern of a review was found around them: nobody
    can list every way to invent one.
    """
    words = patterns(case.language)
    rules = [
        (REVIEW_RULE, words.reviews, Severity.ERROR, _REVIEW_ADVICE),
        (MENTION_RULE, words.mentions, Severity.WARNING, _MENTION_ADVICE),
        (CLAIM_RULE, words.claims, Severity.ERROR, _CLAIM_ADVICE),
        (PUFFERY_RULE, words.puffery, Severity.WARNING, _PUFFERY_ADVICE),
        (OFFER_RULE, words.offers, Severity.ERROR, _OFFER_ADVICE),
    ]
    reviewed = {field.path for field, _ in case.find(words.reviews)}
    for rule, spotter, severity, advice in rules:
        for field, match in case.find(spotter):
            # A model's name may hold such a word ("Best of Both").
            named = match[0] in case.subject.name
            if not named and not (rule == MENTION_RULE and field.path in reviewed):
                yield found(rule, severity, field.path, field.text, match.span(), advice)
