"""Building a batch's input file and manifest: claimed by product, as streams, until a limit is met."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.batching.claims import BatchClaims, Claimed
from shared.batching.request_plan import group_parts, manifest_line
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.outcome import ManifestLine
from shared.openai_batch.request_lines import RequestLines
from shared.persistence import batch_files
from shared.persistence.blobs import BlobWriter
from shared.persistence.stored_lines import write_line
from shared.services import Services

# Claimed together: fifty products with their queue markers fill one transaction.
_CHUNK = 50


@dataclass(frozen=True)
class Weight:
    """What a file has come to; `cost` is the worst case in USD."""

    products: int = 0
    requests: int = 0
    size: int = 0
    tokens: int = 0
    cost: float = 0.0

    def plus(self, settings: Settings, lines: RequestLines) -> "Weight":
        """The weight with one more product."""
        return Weight(
            products=self.products + 1,
            requests=self.requests + lines.requests,
            size=self.size + len(lines.data),
            tokens=self.tokens + lines.tokens,
            cost=self.cost + settings.cost_of(lines.tokens, lines.most_output_tokens),
        )

    def fits(self, settings: Settings, most_products: int) -> bool:
        """Whether a file of this weight stays within the settings' limits."""
        return (
            self.products <= most_products
            and self.requests <= settings.max_requests_per_file
            and self.size <= settings.max_bytes_per_file
            and self.tokens <= settings.max_tokens_per_file
        )


@dataclass(frozen=True)
class _Entry:
    item: Claimed
    sent: ManifestLine
    lines: RequestLines


class Build:
    """One batch's file. `weight` is what was written; `out_of_money` says whether a cap ended it."""

    def __init__(
        self, services: Services, batch: OpenAIBatch, selection: Sequence[str], most_products: int
    ) -> None:
        self.weight = Weight()
        self.out_of_money = False
        self._services = services
        self._settings = services.settings.priced_for(batch)
        self._processor = services.router.processor_for(batch)
        self._selection = selection
        self._most_products = most_products
        self._next_line = 0
        self._cost_left = services.budget.cost_left(batch)
        self._claims = BatchClaims(services, batch)
        self._input: BlobWriter = services.blobs.writer(batch.filename)
        self._manifest: BlobWriter = services.blobs.writer(batch_files.manifest_name(batch.filename))

    def run(self) -> Weight:
        """Claim and write what fits; the blobs are there when it returns, unless nothing was written."""
        for start in range(0, len(self._selection), _CHUNK):
            claimed = self._claims.take(self._selection[start : start + _CHUNK])
            fitting = self._fitting(claimed)
            self._claims.release(item.product.product_id for item in claimed[len(fitting) :])
            for entry in self._marked(fitting):
                self._input.write(entry.lines.data)
                self._manifest.write(write_line(entry.sent))
                self.weight = self.weight.plus(self._settings, entry.lines)
            if len(fitting) < len(claimed):
                break
        if self.weight.products:
            self._input.commit()
            self._manifest.commit()
        return self.weight

    def _fitting(self, claimed: Sequence[Claimed]) -> list[_Entry]:
        """The first of `claimed` that the file still has room for, with their lines."""
        fitting: list[_Entry] = []
        weight = self.weight
        for item in claimed:
            sent = self._sent(item, self._next_line + len(fitting))
            lines = self._processor.build(item.product, sent)
            weight = weight.plus(self._settings, lines)
            self.out_of_money = weight.cost > self._cost_left
            if self.out_of_money or not weight.fits(self._settings, self._most_products):
                break
            fitting.append(_Entry(item, sent, lines))
        # Lines of products that are let go later stay unused: no two products may share one.
        self._next_line += len(fitting)
        return fitting

    def _marked(self, fitting: Sequence[_Entry]) -> Iterator[_Entry]:
        """Those whose product row now says `processing` for this batch; others are let go."""
        refused = set(self._claims.mark_processing([(entry.item, entry.sent) for entry in fitting]))
        self._claims.release(fitting[place].item.product.product_id for place in refused)
        return (entry for place, entry in enumerate(fitting) if place not in refused)

    def _sent(self, item: Claimed, line: int) -> ManifestLine:
        size = self._settings.locales_per_request
        asked = group_parts(item.product, item.content_state, item.parts, size)
        return manifest_line(item.product, asked, line)
