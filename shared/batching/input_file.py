"""Building a batch's input file and manifest.

Products are claimed and written in chunks, as streams, until the selection ends or a limit is reached.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shared.batching.claims import BatchClaims, ClaimedProduct
from shared.batching.request_plan import group_parts, manifest_line
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.outcome import ManifestLine
from shared.openai_batch.request_lines import RequestLines
from shared.persistence import batch_files
from shared.persistence.blobs import BlobWriter
from shared.persistence.stored_lines import write_line
from shared.services import Services

# Products claimed at a time: fifty rows with their queue markers fill one transaction (100 operations).
_CHUNK = 50


@dataclass(frozen=True)
class FileTotals:
    """The totals of a file: `size` in bytes, `tokens` of input, `cost` as the worst case in USD."""

    products: int = 0
    requests: int = 0
    size: int = 0
    tokens: int = 0
    usual_output_tokens: int = 0
    cost: float = 0.0

    def plus(self, settings: Settings, lines: RequestLines) -> "FileTotals":
        """The totals with one more product, whose requests are `lines`."""
        return FileTotals(
            products=self.products + 1,
            requests=self.requests + lines.requests,
            size=self.size + len(lines.data),
            tokens=self.tokens + lines.tokens,
            usual_output_tokens=self.usual_output_tokens + lines.usual_output_tokens,
            cost=self.cost + settings.cost_of(lines.tokens, lines.most_output_tokens),
        )

    def fits(self, settings: Settings, most_products: int) -> bool:
        """Whether a file with these totals stays within the limits."""
        return (
            self.products <= most_products
            and self.requests <= settings.max_requests_per_file
            and self.size <= settings.max_bytes_per_file
            and self.tokens <= settings.max_tokens_per_file
        )


@dataclass(frozen=True)
class _Entry:
    item: ClaimedProduct
    sent: ManifestLine
    lines: RequestLines


class InputFileBuilder:
    """Builds one batch's input file and manifest.

    `totals` counts what was written. `cost_cap_reached` is True when a cap on cost ended the file.
    `before_claiming` is called before each chunk of claims. An error that it raises stops the build.
    """

    def __init__(
        self,
        services: Services,
        batch: OpenAIBatch,
        selection: Sequence[str],
        most_products: int,
        before_claiming: Callable[[], None],
    ) -> None:
        self.totals = FileTotals()
        self.cost_cap_reached = False
        self._services = services
        self._settings = services.settings.priced_for(batch)
        self._processor = services.router.processor_for(batch)
        self._selection = selection
        self._most_products = most_products
        self._before_claiming = before_claiming
        self._next_line = 0
        self._cost_left = services.budget.cost_left(batch)
        self._claims = BatchClaims(services, batch)
        self._input: BlobWriter = services.blobs.writer(batch.filename)
        self._manifest: BlobWriter = services.blobs.writer(batch_files.manifest_name(batch.filename))

    def build(self) -> FileTotals:
        """Claim and write what fits. Both blobs exist when this returns, unless nothing was written."""
        for start in range(0, len(self._selection), _CHUNK):
            self._before_claiming()
            claimed = self._claims.take(self._selection[start : start + _CHUNK])
            fitting = self._fitting(claimed)
            self._claims.release(item.product.product_id for item in claimed[len(fitting) :])
            for entry in self._marked(fitting):
                self._input.write(entry.lines.data)
                self._manifest.write(write_line(entry.sent))
                self.totals = self.totals.plus(self._settings, entry.lines)
            if len(fitting) < len(claimed):
                break
        if self.totals.products:
            self._input.commit()
            self._manifest.commit()
        return self.totals

    def _fitting(self, claimed: Sequence[ClaimedProduct]) -> list[_Entry]:
        """The first of `claimed` that the file has room for, with their request lines."""
        fitting: list[_Entry] = []
        totals = self.totals
        for item in claimed:
            sent = self._manifest_line(item, self._next_line + len(fitting))
            lines = self._processor.build(item.product, sent)
            totals = totals.plus(self._settings, lines)
            self.cost_cap_reached = totals.cost > self._cost_left
            if self.cost_cap_reached or not totals.fits(self._settings, self._most_products):
                break
            fitting.append(_Entry(item, sent, lines))
        # A line number is used once, even when its product is released later: products must not share one.
        self._next_line += len(fitting)
        return fitting

    def _marked(self, fitting: Sequence[_Entry]) -> Iterator[_Entry]:
        """The entries whose product row is now `processing` for this batch. The others are released."""
        refused = set(self._claims.mark_processing([(entry.item, entry.sent) for entry in fitting]))
        self._claims.release(fitting[place].item.product.product_id for place in refused)
        return (entry for place, entry in enumerate(fitting) if place not in refused)

    def _manifest_line(self, item: ClaimedProduct, line: int) -> ManifestLine:
        groups = group_parts(self._settings, item.product, item.content_state, item.parts)
        return manifest_line(item.product, groups, line)
