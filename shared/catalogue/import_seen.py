"""Marking an import that failed or rejected rows as seen by a person."""

from shared.domain.clock import utcnow
from shared.domain.errors import WrongState
from shared.domain.run import ImportReport
from shared.services import Services


def mark_seen(services: Services, import_id: str) -> ImportReport:
    """Store that a person has seen the import. Returns its report. A repeated call changes nothing.

    Raises:
        NotFound: when there is no such import.
        WrongState: when the import has not ended.
    """

    def seen(report: ImportReport) -> ImportReport:
        if not report.status.is_terminal:
            raise WrongState(
                f"Import {report.import_id} is {report.status}; it can be marked as seen when it has ended.",
                state=str(report.status),
            )
        return report.model_copy(update={"seen_at": report.seen_at or utcnow()})

    report = services.imports.modify(import_id, seen)
    # The record counts. A marker that is left behind by a crash is deleted by the next call.
    services.imports.forget_unseen(import_id)
    return report
