"""The content table: per product one partition, which does not depend on the product's category.

Rows: `claim`, and per locale `candidate~<locale>` (the latest try) and `published~<locale>` (what is
served). What a batch brings for a product is written in one transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.models.content import Candidate, Claim, Published
from shared.storage.codec import decode, encode, properties
from shared.storage.table import Operation, Table, etag_of

# A content hash that no product has.
OUTDATED = "outdated"
_CLAIM = "claim"
_CANDIDATE = "candidate~"
_PUBLISHED = "published~"


@dataclass
class Ledger:
    """What is known of a product without its texts.

    `published` maps a locale to the content hash that its published text was written from.
    """

    claim: Claim | None = None
    claim_etag: str | None = None
    candidates: dict[str, Candidate] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)


class Contents:
    """Reads and writes claims and content."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def ledger(self, product_id: str) -> Ledger:
        """Claim, tries and hashes of a product, in one range read."""
        ledger = Ledger()
        select = list({*properties(Claim), *properties(Candidate)})
        for entity in self._table.query(product_id, select=select):
            row = entity["RowKey"]
            if row == _CLAIM:
                ledger.claim, ledger.claim_etag = decode(Claim, entity), etag_of(entity)
            elif row.startswith(_CANDIDATE):
                ledger.candidates[row.removeprefix(_CANDIDATE)] = decode(Candidate, entity)
            elif row.startswith(_PUBLISHED):
                ledger.published[row.removeprefix(_PUBLISHED)] = entity["content_hash"]
        return ledger

    def claim(self, product_id: str) -> Claim | None:
        entity = self._table.get(product_id, _CLAIM)
        return None if entity is None else decode(Claim, entity)

    def write_claim(self, claim: Claim, etag: str | None) -> bool:
        """Write a claim row: a new one (`etag` None) or over the version read. False: somebody was first.

        A write that was carried out, and sent again because its answer was lost, meets its own effect.
        """
        entity = encode(claim.product_id, _CLAIM, claim)
        written = self._table.insert(entity) if etag is None else self._table.update(entity, etag, "replace")
        return written or self.claim(claim.product_id) == claim

    def release(self, product_id: str, batch_id: str) -> None:
        """Free a product of its promise to `batch_id`; a promise to another batch stays."""
        while True:
            entity = self._table.get(product_id, _CLAIM)
            claim = None if entity is None else decode(Claim, entity)
            if entity is None or claim is None or claim.batch_id != batch_id:
                return
            free = claim.model_copy(update={"batch_id": None, "claim_id": None, "expires_at": None})
            if self.write_claim(free, etag_of(entity)):
                return

    def store(self, product_id: str, tries: Sequence[tuple[Candidate, Published | None]]) -> None:
        """Write the tries of one request; a locale without a `Published` keeps what is served."""
        operations: list[Operation] = []
        for candidate, published in tries:
            operations.append(
                ("upsert", encode(product_id, _CANDIDATE + candidate.locale, candidate), {"mode": "replace"})
            )
            if published is not None:
                entity = encode(product_id, _PUBLISHED + published.locale, published)
                operations.append(("upsert", entity, {"mode": "replace"}))
        self._table.transact([operations])

    def outdate(self, product_id: str, wanted: Callable[[Published], bool]) -> list[str]:
        """Let published texts count as written from other facts; they are served until new ones are there.

        The answer names the locales whose text `wanted` chose.
        """
        outdated = []
        for published in self.published(product_id):
            if wanted(published):
                entity = {"PartitionKey": product_id, "RowKey": _PUBLISHED + published.locale}
                self._table.upsert({**entity, "content_hash": OUTDATED}, "merge")
                outdated.append(published.locale)
        return outdated

    def forgive(self, product_id: str, locales: Sequence[str]) -> None:
        """Let the tries of locales count from the start again."""
        for locale in locales:
            entity = {"PartitionKey": product_id, "RowKey": _CANDIDATE + locale}
            self._table.upsert({**entity, "attempts": 0, "had_higher_cap": False}, "merge")

    def published(self, product_id: str) -> list[Published]:
        """Everything that is served for a product, by locale in key order."""
        rows = self._table.query(product_id, start=_PUBLISHED, end=_PUBLISHED + "~")
        return [decode(Published, row) for row in rows]

    def candidates(self, product_id: str) -> list[Candidate]:
        """The latest tries of a product, by locale in key order."""
        rows = self._table.query(product_id, start=_CANDIDATE, end=_CANDIDATE + "~")
        return [decode(Candidate, row) for row in rows]


def taken(claim: Claim, category: str, batch_id: str, claim_id: str, expires_at: datetime) -> Claim:
    """The claim as promised to a batch."""
    return claim.model_copy(
        update={"category": category, "batch_id": batch_id, "claim_id": claim_id, "expires_at": expires_at}
    )
