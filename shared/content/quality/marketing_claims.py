"""Claims that a shop cannot prove: superlatives, guarantees, offers, and opinions of customers."""

from collections.abc import Iterator

from shared.content.locales import language_of
from shared.content.quality.check_context import CheckContext
from shared.content.quality.findings import Finding, Severity, finding_at
from shared.content.quality.pattern_search import SearchPattern
from shared.content.quality.wordlists import word_patterns

REVIEW_RULE = "customer_review"
MENTION_RULE = "customer_mention"
CLAIM_RULE = "forbidden_claim"
PUFFERY_RULE = "puffery"
OFFER_RULE = "offer"
_REVIEW_ADVICE = "do not say what customers, players or reviewers think; nobody was asked"
_MENTION_ADVICE = "leave customers, critics and what many players do out; speak of the product"
_CLAIM_ADVICE = "no superlatives, awards or guarantees; say what the record says"
_PUFFERY_ADVICE = "say what makes it so instead of praising it"
# The fields that say for whom the product is. A buyer there is a reader, not somebody with an opinion.
_AUDIENCE_FIELDS = "purchase_decision."
_OFFER_ADVICE = "nothing about availability, delivery, warranty or discounts; the shop says that"


def patterns(locale: str) -> tuple[SearchPattern, ...]:
    words = word_patterns(language_of(locale))
    return words.reviews, words.buyers, words.mentions, words.claims, words.puffery, words.offers


def check(context: CheckContext) -> Iterator[Finding]:
    """Invented reviews, claims and offers, which are errors because a shop is liable for them.

    A mention of customers or critics is a warning, because it may be a review that no pattern knows. It is
    not reported in a field where a review was found, and buyers may be named in fields that say for whom the
    product is.
    """
    words = word_patterns(context.language)
    rules = [
        (REVIEW_RULE, words.reviews, Severity.ERROR, _REVIEW_ADVICE),
        (MENTION_RULE, words.mentions, Severity.WARNING, _MENTION_ADVICE),
        (MENTION_RULE, words.buyers, Severity.WARNING, _MENTION_ADVICE),
        (CLAIM_RULE, words.claims, Severity.ERROR, _CLAIM_ADVICE),
        (PUFFERY_RULE, words.puffery, Severity.WARNING, _PUFFERY_ADVICE),
        (OFFER_RULE, words.offers, Severity.ERROR, _OFFER_ADVICE),
    ]
    reviewed = {field.path for field, _ in context.find(words.reviews)}
    for rule, pattern, severity, advice in rules:
        for field, match in context.find(pattern):
            # The product's name may contain such a word ("Best of Both").
            in_name = match[0] in context.source.name
            is_audience = pattern is words.buyers and field.path.startswith(_AUDIENCE_FIELDS)
            if not in_name and not is_audience and not (rule == MENTION_RULE and field.path in reviewed):
                yield finding_at(rule, severity, field.path, field.text, match.span(), advice)
