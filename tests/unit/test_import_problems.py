"""The report of an import fits a table row, whatever its rows were."""

import pytest

from shared.catalogue.import_problems import ImportProblems
from shared.catalogue.text_values import utf16_length
from shared.domain.run import ImportReport
from shared.persistence.entity_codec import decode, encode
from tests.examples import NOW


@pytest.mark.parametrize("character", ["x", "🎸", '"', "\u0000", "\ud800", "\\"])
def test_thousands_of_problems_are_counted_and_the_first_are_kept(character: str) -> None:
    report = ImportReport(import_id="i", format="csv", blob="b", created_at=NOW)
    problems = ImportProblems(report)
    for line in range(3_000):
        problems.problem(line, character * 5_000, f"reason {character * 5_000}", character * 500)
        problems.warning(line, "f", "r" * 250)
    assert (report.problem_count, report.warning_count) == (3_000, 3_000)
    assert 100 <= len(report.problems) <= 500
    assert len(report.warnings) <= 500
    assert report.problems[0].line == 0
    entity = encode("p", "r", report)
    size = sum(2 * len(key) + 2 * utf16_length(str(value)) for key, value in entity.items())
    assert size < 2**20
    assert decode(ImportReport, entity) == report
