"""Importing a catalogue file that was spooled to a blob: every row is stored or reported."""

import io
import logging
from collections.abc import Iterator

from shared.catalogue.catalogue_reader import Row, check_encoding, read_rows
from shared.catalogue.full_feed import TooManyAbsent, discontinue_absent
from shared.catalogue.importer import Importer, StoreResult
from shared.catalogue.row_mapping import RowResult, read_product
from shared.content.unknown_categories import is_unknown_category, unknown_category_advice
from shared.domain.clock import utcnow
from shared.domain.errors import InvalidRequest, UnreadableRow
from shared.domain.ids import product_id_for
from shared.domain.product import Product
from shared.domain.run import ImportReport, RowProblem
from shared.domain.states import TaskStatus
from shared.persistence.parallel import map_ordered
from shared.persistence.read_modify_write import ConcurrentUpdate
from shared.services import Services

# The report keeps this many problems and this many warnings. Its counts are always complete.
_MAX_PROBLEMS = 500


def import_catalogue_file(services: Services, import_id: str) -> TaskStatus:
    """Store every good row, report every other one, and return the import's status.

    A file that cannot be read at all fails the import and changes nothing.

    Raises:
        NotFound: when there is no such import.
    """
    report = services.imports.get(import_id)
    if report.status != TaskStatus.RUNNING:
        return report.status
    # A second delivery counts from the start: rows that the first delivery stored count as unchanged.
    kept = {"import_id", "format", "blob", "full_feed", "created_at"}
    counted = ImportReport(**report.model_dump(include=kept))
    try:
        check_encoding(services.blobs.chunks(report.blob))
        _FileImport(services, counted).run()
        counted.status = TaskStatus.COMPLETED
    except InvalidRequest as error:
        counted.status, counted.error_message = TaskStatus.FAILED, error.message
    counted.completed_at = utcnow()
    services.imports.modify(import_id, lambda _: counted)
    logging.info("import %s %s: %d rows", import_id, counted.status, counted.rows)
    return counted.status


class _FileImport:
    """One import: reads the rows, stores the products, and fills in the report."""

    def __init__(self, services: Services, report: ImportReport) -> None:
        self._services = services
        self._report = report
        self._importer = Importer(services.products, services.contents)
        self._seen: dict[str, int] = {}
        # Includes products of rejected rows: a row with a mistake does not discontinue its product.
        self._named: set[str] = set()
        self._categories: set[str] = set()

    def run(self) -> None:
        with self._services.blobs.open(self._report.blob) as raw, io.BufferedReader(raw) as file:
            for line, product, stored in map_ordered(
                self._store, self._valid_products(read_rows(file, self._report.format))
            ):
                if isinstance(stored, StoreResult):
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
        except TooManyAbsent as error:
            self._report.error_message = str(error)

    def _valid_products(self, rows: Iterator[tuple[int, Row | str]]) -> Iterator[tuple[int, Product]]:
        """The rows that give a product, each SKU once. All others are reported."""
        for line, row in rows:
            self._report.rows += 1
            result = RowResult(errors=[("", row)]) if isinstance(row, str) else read_product(row)
            for name, reason in result.warnings:
                self._add(self._report.warnings, RowProblem(line=line, field=name, reason=reason))
            product = result.product
            self._remember(row, product)
            if product is None:
                self._report.rejected += 1
                for name, reason in result.errors:
                    self._add(self._report.problems, RowProblem(line=line, field=name, reason=reason))
            elif product.product_id in self._seen:
                self._report.doubled += 1
                reason = f"the same SKU is on line {self._seen[product.product_id]}; this row was left out"
                problem = RowProblem(line=line, field="sku", reason=reason, product=product.product_id)
                self._add(self._report.problems, problem)
            else:
                self._seen[product.product_id] = line
                self._announce(line, product)
                yield line, product

    def _remember(self, row: Row | str, product: Product | None) -> None:
        if product is not None:
            self._named.add(product.product_id)
        elif isinstance(row, dict) and row.get("sku"):
            self._named.add(product_id_for(str(row["sku"]).strip()))

    def _store(self, item: tuple[int, Product]) -> tuple[int, Product, StoreResult | str]:
        line, product = item
        try:
            return line, product, self._importer.store(product)
        except (ConcurrentUpdate, UnreadableRow) as error:
            return line, product, str(error)

    def _announce(self, line: int, product: Product) -> None:
        if product.category not in self._categories:
            self._warn_of_unknown_family(line, product)
            self._services.summaries.announce(product.category, product.category_name or product.category)
            self._categories.add(product.category)

    def _warn_of_unknown_family(self, line: int, product: Product) -> None:
        name = product.category_name
        if is_unknown_category(product.category, name, self._services.settings.category_families):
            reason = unknown_category_advice(product.category, name)
            self._add(self._report.warnings, RowProblem(line=line, field="category", reason=reason))

    def _reject(self, line: int, name: str, reason: str, product: Product) -> None:
        self._report.rejected += 1
        problem = RowProblem(line=line, field=name, reason=reason, product=product.product_id)
        self._add(self._report.problems, problem)

    @staticmethod
    def _add(problems: list[RowProblem], problem: RowProblem) -> None:
        if len(problems) < _MAX_PROBLEMS:
            problems.append(problem)
