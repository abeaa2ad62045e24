"""Importing a catalogue file that was spooled to a blob: every row is stored or reported."""

import io
import logging
from collections.abc import Iterator

from azure.core.exceptions import HttpResponseError

from shared.catalogue.catalogue_reader import check_encoding, check_structure, read_rows
from shared.catalogue.full_feed import discontinue, find_absent, reason_to_keep
from shared.catalogue.import_problems import ImportProblems
from shared.catalogue.importer import Importer, StoreResult
from shared.catalogue.row_mapping import read_product
from shared.catalogue.rows import Item, Remark, Row, Unreadable
from shared.catalogue.text_values import RowResult
from shared.content.unknown_categories import is_unknown_category, unknown_category_advice
from shared.domain.clock import utcnow
from shared.domain.errors import InvalidRequest, UnreadableRow
from shared.domain.product import Product
from shared.domain.run import ImportReport
from shared.domain.states import TaskStatus
from shared.persistence.entity_codec import EntityTooLarge
from shared.persistence.parallel import map_ordered
from shared.persistence.read_modify_write import ConcurrentUpdate
from shared.services import Services

# Answers of storage that blame the product. Any other one fails the import, which is retried.
_PRODUCT_AT_FAULT = (400, 413)
_LONGEST_MESSAGE = 1_000

# The line, the product, and the ids that its SKU has had.
_NumberedProduct = tuple[int, Product, tuple[str, ...]]


def import_catalogue_file(services: Services, import_id: str) -> TaskStatus:
    """Store every good row, report every other one, and return the import's status.

    A file whose structure is broken fails the import and changes nothing.

    Raises:
        NotFound: when there is no such import.
    """
    report = services.imports.get(import_id)
    if report.status != TaskStatus.RUNNING:
        return report.status
    # A second delivery counts from the start: rows that the first delivery stored count as unchanged.
    kept = {"import_id", "format", "blob", "full_feed", "dry_run", "created_at"}
    counted = ImportReport(**report.model_dump(include=kept))
    try:
        check_encoding(services.blobs.chunks(report.blob))
        _FileImport(services, counted).run()
        counted.status = TaskStatus.COMPLETED
    except InvalidRequest as error:
        counted.status, counted.error_message = TaskStatus.FAILED, error.message[:_LONGEST_MESSAGE]
    counted.completed_at = utcnow()
    services.imports.modify(import_id, lambda _: counted)
    logging.info("import %s %s: %d rows", import_id, counted.status, counted.rows)
    return counted.status


class _FileImport:
    """One import: reads the rows, stores the products, and fills in the report."""

    def __init__(self, services: Services, report: ImportReport) -> None:
        self._services = services
        self._report = report
        self._problems = ImportProblems(report)
        self._importer = Importer(services.products, services.contents)
        self._seen: dict[str, int] = {}
        # Other ids that the file names: of rejected rows, and former ids of products.
        self._named: set[str] = set()
        self._categories: set[str] = set()
        self._doubtful = False

    def run(self) -> None:
        with self._open() as file:
            check_structure(file, self._report.format)
        with self._open() as file:
            rows = read_rows(file, self._report.format)
            for line, product, stored in map_ordered(self._store, self._valid_products(rows)):
                if product.product_id not in self._seen:
                    self._named.add(product.product_id)
                if isinstance(stored, StoreResult):
                    setattr(self._report, stored, getattr(self._report, stored) + 1)
                else:
                    self._report.rejected += 1
                    self._problems.problem(line, "", stored, product.product_id)
        if not self._report.dry_run:
            for category in sorted(self._categories):
                self._services.summaries.recompute(category)
        if self._report.full_feed:
            self._discontinue_absent()

    def _open(self) -> io.BufferedReader:
        return io.BufferedReader(self._services.blobs.open(self._report.blob))

    def _discontinue_absent(self) -> None:
        absent = find_absent(self._services, lambda id_: id_ in self._seen or id_ in self._named)
        self._report.absent = absent.count
        allowed = self._services.settings.max_discontinued_share
        reason = reason_to_keep(absent, self._report, self._doubtful, allowed)
        if reason:
            verb = "would be" if self._report.dry_run else "was"
            self._report.error_message = (
                f"None of {absent.count} absent products {verb} discontinued: {reason}."
            )
        elif not self._report.dry_run:
            # The number is there to be seen before the first product goes.
            self._services.imports.modify(self._report.import_id, lambda _: self._report)
            self._report.discontinued = discontinue(self._services, absent)

    def _valid_products(self, rows: Iterator[tuple[int, Item]]) -> Iterator[_NumberedProduct]:
        """The rows that give a product, each SKU once. All others are reported."""
        for line, row in rows:
            if isinstance(row, Remark):
                self._problems.warning(line, row.field, row.reason)
                self._doubtful = self._doubtful or row.doubtful
                continue
            self._report.rows += 1
            result = _result(row)
            product = self._accepted(line, result)
            if product is not None:
                yield line, product, result.product_ids

    def _accepted(self, line: int, result: RowResult) -> Product | None:
        for name, reason in result.warnings:
            self._problems.warning(line, name, reason)
        if result.product is None:
            self._report.rejected += 1
            self._named.update(result.product_ids)
            for name, reason in result.errors:
                self._problems.problem(line, name, reason)
            return None
        product_id = result.product.product_id
        if product_id in self._seen:
            self._report.doubled += 1
            reason = f"the same SKU is on line {self._seen[product_id]}; this row was left out"
            self._problems.problem(line, "sku", reason, product_id)
            return None
        self._seen[product_id] = line
        self._announce(line, result.product)
        return result.product

    def _store(self, item: _NumberedProduct) -> tuple[int, Product, StoreResult | str]:
        line, product, ids = item
        try:
            product_id = self._importer.current_id(ids)
            if product_id != product.product_id:
                product = product.model_copy(update={"product_id": product_id}).with_hashes()
            store = self._importer.compare if self._report.dry_run else self._importer.store
            return line, product, store(product)
        except (ConcurrentUpdate, EntityTooLarge, UnreadableRow) as error:
            return line, product, str(error)
        except HttpResponseError as error:
            if error.status_code not in _PRODUCT_AT_FAULT:
                raise
            return line, product, f"storage refused it: {getattr(error, 'error_code', None) or error.reason}"

    def _announce(self, line: int, product: Product) -> None:
        if product.category in self._categories:
            return
        self._categories.add(product.category)
        name = product.category_name
        if is_unknown_category(product.category, name, self._services.settings.category_families):
            self._problems.warning(line, "category", unknown_category_advice(product.category, name))
        if not self._report.dry_run:
            self._services.summaries.announce(product.category, name or product.category)


def _result(row: Row | Unreadable) -> RowResult:
    return RowResult(errors=[(row.field, row.reason)]) if isinstance(row, Unreadable) else read_product(row)
