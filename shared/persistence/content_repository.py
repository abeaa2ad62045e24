"""The content table: one partition per product, whatever the product's category.

Rows: `claim`; what is served, `facts` and per locale `published~<locale>`; per part the latest attempt,
`candidate~<locale>` or `candidate~facts`; and every attempt that failed, `try~<part>~<batch>`. The results of
one segment for a product are written in one transaction.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.content.content_records import (
    Candidate,
    Claim,
    GeneratedPart,
    PastTry,
    PublishedContent,
    PublishedFacts,
    ServedContent,
    TryState,
)
from shared.content.product_facts import FACTS_KEY
from shared.domain.errors import UnreadableRow
from shared.domain.stored import Stored
from shared.persistence.entity_codec import Entity, decode, encode, properties, readable
from shared.persistence.pages import Page, read_page
from shared.persistence.read_modify_write import update_row
from shared.persistence.table import Operation, Table, etag_of

# A content hash that no product has.
OUTDATED = "outdated"
_CLAIM = "claim"
_FACTS = FACTS_KEY
_CANDIDATE = "candidate~"
_PUBLISHED = "published~"
# Sorts after all other rows.
_TRY = "try~"

# The latest attempt at a part, and the text to serve from now on, if the attempt produced one that passed.
Try = tuple[Candidate, PublishedContent | None]


@dataclass
class ContentState:
    """The state of a product's content, without the texts.

    `published` maps each served part to the hash of the facts that it was made from. `scores` maps a locale
    to the score of its served text.
    """

    claim: Claim | None = None
    claim_etag: str | None = None
    candidates: dict[str, Candidate] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)


class ContentRepository:
    """Reads and writes claims and content."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def content_state(self, product_id: str) -> ContentState:
        """Claim, latest attempts, hashes and scores of a product, in one range read.

        A latest attempt that cannot be read is logged and left out, as if the part was not tried yet.

        Raises:
            UnreadableRow: when the claim cannot be read.
        """
        content_state = ContentState()
        # A rejected text can be long and only people read it, so it is left out.
        select = list({*properties(Claim), *properties(Candidate)} - {"content", "findings"})
        for entity in self._table.query(product_id, end=_TRY, select=select):
            row = entity["RowKey"]
            if row == _CLAIM:
                content_state.claim, content_state.claim_etag = decode(Claim, entity), etag_of(entity)
            elif row.startswith(_CANDIDATE):
                for candidate in readable(Candidate, [entity]):
                    content_state.candidates[row.removeprefix(_CANDIDATE)] = candidate
            elif row.startswith(_PUBLISHED) or row == _FACTS:
                content_state.published[row.removeprefix(_PUBLISHED)] = entity.get("content_hash", OUTDATED)
                if row != _FACTS:
                    content_state.scores[row.removeprefix(_PUBLISHED)] = entity.get("score", 0)
        return content_state

    def claim(self, product_id: str) -> Claim | None:
        entity = self._table.get(product_id, _CLAIM)
        return None if entity is None else decode(Claim, entity)

    def write_claim(self, claim: Claim, etag: str | None) -> bool:
        """Write a claim row: a new one (`etag` None), or over the version read.

        Returns False when another writer was first. If the SDK repeats a write whose answer was lost, the
        repetition conflicts with the first write: a row that is already as wanted counts as success.
        """
        entity = encode(claim.product_id, _CLAIM, claim)
        return self._table.write(entity, etag) or self.claim(claim.product_id) == claim

    def release(self, product_id: str, batch_id: str) -> None:
        """Release the product's claim if `batch_id` holds it. A claim of another batch is left alone.

        Raises:
            ConcurrentUpdate: when other writers were first at every attempt.
        """

        def freed(entity: Entity | None) -> tuple[None, Entity | None]:
            claim = None if entity is None else decode(Claim, entity)
            if claim is None or claim.batch_id != batch_id:
                return None, None
            free = claim.model_copy(update={"batch_id": None, "claim_id": None, "expires_at": None})
            return None, encode(product_id, _CLAIM, free)

        update_row(self._table, (product_id, _CLAIM), freed, f"The claim of product {product_id}")

    def store(self, product_id: str, tries: Sequence[Try], facts: PublishedFacts | None = None) -> None:
        """Write attempts of one product in one transaction. A part without a new text keeps its old one."""
        operations: list[Operation] = []

        def put(row_key: str, model: Stored) -> None:
            operations.append(("upsert", encode(product_id, row_key, model), {"mode": "replace"}))

        for candidate, published in tries:
            put(_CANDIDATE + candidate.part, candidate)
            if candidate.state == TryState.FAILED:
                put(f"{_TRY}{candidate.part}~{candidate.batch_id}", PastTry.of(candidate))
            if published is not None:
                put(_PUBLISHED + published.locale, published)
        if facts is not None:
            put(_FACTS, facts)
        self._table.transact([operations])

    def outdate(self, product_id: str, wanted: Callable[[str, GeneratedPart], bool]) -> list[str]:
        """Mark parts as outdated, as if made from other facts. They are served until new ones are stored.

        `wanted` decides by a part's name and how it was made. Returns the parts that it chose.
        """
        outdated = []
        for row in self._served_rows(product_id, properties(GeneratedPart)):
            part = _part_of(row)
            # The fields on how a part was made can be read even if its text cannot. So it can be regenerated.
            if any(wanted(part, made) for made in readable(GeneratedPart, [row])):
                entity = {"PartitionKey": product_id, "RowKey": row["RowKey"], "content_hash": OUTDATED}
                self._table.upsert(entity, "merge")
                outdated.append(part)
        return outdated

    def forgive(self, product_id: str, parts: Sequence[str]) -> None:
        """Set the attempts of parts back to 0."""
        for part in parts:
            entity = {"PartitionKey": product_id, "RowKey": _CANDIDATE + part}
            self._table.upsert({**entity, "attempts": 0, "had_higher_cap": False}, "merge")

    def served(self, product_id: str) -> ServedContent:
        """All content that is served for a product, in one range read."""
        published: list[PublishedContent] = []
        unreadable: list[str] = []
        facts: PublishedFacts | None = None
        for row in self._served_rows(product_id):
            part = _part_of(row)

            def note(_: UnreadableRow, part: str = part) -> None:
                unreadable.append(part)

            if part == FACTS_KEY:
                facts = next(readable(PublishedFacts, [row], note), None)
            else:
                published += readable(PublishedContent, [row], note)
        return ServedContent(tuple(published), facts, tuple(unreadable))

    def _served_rows(self, product_id: str, select: list[str] | None = None) -> Iterator[Entity]:
        return self._table.query(product_id, start=_FACTS, end=_PUBLISHED + "~", select=select)

    def tries(self, product_id: str) -> list[PastTry]:
        """Every failed attempt of a product and the latest stored one of each part, latest first."""
        failed = readable(PastTry, self._table.query(product_id, start=_TRY, end=_TRY + "~"))
        latest = [each for each in self.candidates(product_id) if each.state == TryState.STORED]
        tries = [*failed, *map(PastTry.of, latest)]
        return sorted(tries, key=lambda past: past.at, reverse=True)

    def candidates(self, product_id: str) -> Page[Candidate]:
        """The latest attempt at each part of a product, in key order."""
        rows = self._table.query(product_id, start=_CANDIDATE, end=_CANDIDATE + "~")
        return read_page(Candidate, rows)


def _part_of(row: Entity) -> str:
    """The part of a row of served content."""
    return str(row["RowKey"]).removeprefix(_PUBLISHED)


def taken(claim: Claim, category: str, batch_id: str, claim_id: str, expires_at: datetime) -> Claim:
    """The claim, now held by a batch until `expires_at`."""
    return claim.model_copy(
        update={"category": category, "batch_id": batch_id, "claim_id": claim_id, "expires_at": expires_at}
    )
