"""Import a catalogue file that was spooled to a blob."""

import io
import logging
from collections.abc import Iterator

import azure.durable_functions as df

from shared.catalogue.catalogue_reader import Row, check_encoding, read_rows
from shared.catalogue.full_feed import WouldEmptyTheCatalogue, discontinue_absent
from shared.catalogue.importer import Importer, Stored
from shared.catalogue.row_mapping import RowResult, read_product
from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.errors import InvalidRequest, UnreadableRow
from shared.domain.ids import product_id_for
from shared.domain.product import Product
from shared.domain.run import ImportReport, RowProblem
from shared.domain.states import TaskStatus
from shared.persistence.parallel import map_ordered
from shared.persistence.read_modify_write import ConcurrentUpdate
from shared.services import Services

bp = df.Blueprint()

# Lines kept of each list in the report; the counts are always whole.
_KEPT_PROBLEMS = 500


@bp.activity_trigger(input_name="payload")
def import_rows(payload: str) -> str:
    """Input: import id. Output: the import's status."""
    return str(import_catalogue_file(get_services(), payload))


def import_catalogue_file(services: Services, import_id: str) -> TaskStatus:
    """Store every good row and report every other; a file that is bad altogether changes nothing."""
    report = services.imports.get(import_id)
    if report.status != TaskStatus.RUNNING:
        return report.status
    # A second delivery counts from the start again: rows stored by the first are unchanged now.
    kept = {"import_id", "format", "blob", "full_feed", "created_at"}
    counted = ImportReport(**report.model_dump(include=kept))
    try:
        check_encoding(services.blobs.chunks(report.blob))
        _Import(services, counted).run()
        counted.status = TaskStatus.COMPLETED
    except InvalidRequest as error:
        counted.status, counted.error_message = TaskStatus.FAILED, error.message
    counted.completed_at = utcnow()
    services.imports.modify(import_id, lambda _: counted)
    logging.info("import %s %s: %d rows", import_id, counted.status, counted.rows)
    return counted.status


class _Import:
    def __init__(self, services: Services, report: ImportReport) -> None:
        self._services = services
        self._report = report
        self._importer = Importer(services.products, services.contents)
        self._seen: dict[str, int] = {}
        # Also products of rows that are bad: a mistake in a row is no absence.
        self._named: set[str] = set()
        self._categories: set[str] = set()

    def run(self) -> None:
        with self._services.blobs.open(self._report.blob) as raw, io.BufferedReader(raw) as file:
            for line, product, stored in map_ordered(
                self._store, self._good(read_rows(file, self._report.format))
            ):
                if isinstance(stored, Stored):
                    setattr(self._report, stored, getattr(self._report, stored) + 1)
                else:
                    self._reject(line, "", stored, product)
        for category in sorted(self._categories):
            self._services.summaries.recompute(category)
        if self._report.full_feed:
            self._discontinue_absent()

    def _discontinue_absent(self) -> None:
        try:
            self._report.discontinued = discontinue_absent(self._services, self._named)
        except WouldEmptyTheCatalogue as error:
            self._report.error_message = str(error)

    def _good(self, rows: Iterator[tuple[int, Row | str]]) -> Iterator[tuple[int, Product]]:
        """The rows that make a product, each SKU once; the others go to the report."""
        for line, row in rows:
            self._report.rows += 1
            result = RowResult(errors=[("", row)]) if isinstance(row, str) else read_product(row)
            for name, reason in result.warnings:
                self._keep(self._report.warnings, RowProblem(line=line, field=name, reason=reason))
            product = result.product
            self._name(row, product)
            if product is None:
                self._report.rejected += 1
                for name, reason in result.errors:
                    self._keep(self._report.problems, RowProblem(line=line, field=name, reason=reason))
            elif product.product_id in self._seen:
                self._report.doubled += 1
                reason = (
                    f"the same SKU stands on line {self._seen[product.product_id]}; this row was left out"
                )
                problem = RowProblem(line=line, field="sku", reason=reason, product=product.product_id)
                self._keep(self._report.problems, problem)
            else:
                self._seen[product.product_id] = line
                self._announce(product)
                yield line, product

    def _name(self, row: Row | str, product: Product | None) -> None:
        if product is not None:
            self._named.add(product.product_id)
        elif isinstance(row, dict) and row.get("sku"):
            self._named.add(product_id_for(str(row["sku"]).strip()))

    def _store(self, item: tuple[int, Product]) -> tuple[int, Product, Stored | str]:
        line, product = item
        try:
            return line, product, self._importer.store(product)
        except (ConcurrentUpdate, UnreadableRow) as error:
            return line, product, str(error)

    def _announce(self, product: Product) -> None:
        if product.category not in self._categories:
            self._services.summaries.announce(product.category, product.category_name or product.category)
            self._categories.add(product.category)

    def _reject(self, line: int, name: str, reason: str, product: Product) -> None:
        self._report.rejected += 1
        problem = RowProblem(line=line, field=name, reason=reason, product=product.product_id)
        self._keep(self._report.problems, problem)

    @staticmethod
    def _keep(problems: list[RowProblem], problem: RowProblem) -> None:
        if len(problems) < _KEPT_PROBLEMS:
            problems.append(problem)
