"""The ledger: what the emulated service has done and would charge. Tests use it to assert "exactly once".

It counts what the service did (requests answered, tokens), not what its files contain: a request whose line
a fault removed has still been charged.
"""

from collections import defaultdict
from typing import Any

from local.openai_emulator.batches_api import Batches
from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.emulator_clock import Clock
from local.openai_emulator.emulator_store import Store
from local.openai_emulator.jobs import Job, without_query

# The job id under which online calls are recorded.
ONLINE = "online"
_SUMS = (
    "COUNT(*) AS requests, COALESCE(SUM(status = 200), 0) AS answered, "
    "COALESCE(SUM(CASE WHEN status = 200 THEN prompt_tokens END), 0) AS input_tokens, "
    "COALESCE(SUM(CASE WHEN status = 200 THEN completion_tokens END), 0) AS output_tokens"
)


class Ledger:
    def __init__(self, config: EmulatorConfig, store: Store, clock: Clock, batches: Batches) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._batches = batches

    def read(self, products: bool = True) -> dict[str, Any]:
        """Returns the whole ledger. With `products=False` the counts per product and locale are left out.

        {files: {uploaded, written, deleted, present}, jobs: [{id, status, metadata, …}],
        requests: {total, answered, failed, charged, input_tokens, output_tokens, online},
        products: {product: {locale: times answered}}, enqueued_tokens: those enqueued now}
        """
        with self._store.transaction():
            ledger = {
                "files": self._files(),
                "jobs": [self._job(job) for job in self._all_jobs()],
                "requests": self._requests(),
                "enqueued_tokens": sum(
                    self._batches.enqueued(each.name) for each in self._config.deployments
                ),
            }
            if products:
                ledger["products"] = self._products()
        return ledger

    def _files(self) -> dict[str, int]:
        row = self._store.row(
            "SELECT SUM(purpose = 'batch') AS uploaded, SUM(purpose = 'batch_output') AS written, "
            "SUM(deleted_at IS NOT NULL) AS deleted, "
            "SUM(deleted_at IS NULL AND (expires_at IS NULL OR expires_at > ?)) AS present FROM files",
            (self._clock.now(),),
        )
        names = ("uploaded", "written", "deleted", "present")
        return {name: (row[name] or 0) if row else 0 for name in names}

    def _all_jobs(self) -> list[Job]:
        return [
            Job.load(row["record"]) for row in self._store.rows("SELECT record FROM batches ORDER BY seq")
        ]

    def _job(self, job: Job) -> dict[str, Any]:
        row = self._store.row(f"SELECT {_SUMS} FROM requests WHERE job_id = ?", (job.id,))  # noqa: S608
        sums = dict(row) if row else {}
        return {
            "id": job.id,
            "status": job.status,
            "metadata": job.metadata,
            "input_file_id": job.input_file_id,
            "input_blob": without_query(job.input_blob) if job.input_blob else None,
            "output_file_id": job.output_file_id,
            "error_file_id": job.error_file_id,
            "deployment": job.deployment,
            "created_at": job.created_at,
            "requests_total": job.total,
            "requests_completed": sums["answered"],
            "requests_failed": sums["requests"] - sums["answered"],
            "tokens_enqueued": job.tokens,
            "tokens_charged_in": sums["input_tokens"],
            "tokens_charged_out": sums["output_tokens"],
        }

    def _requests(self) -> dict[str, int]:
        row = self._store.row(f"SELECT {_SUMS} FROM requests")  # noqa: S608 - only fixed text
        online = self._store.row("SELECT COUNT(*) AS n FROM requests WHERE job_id = ?", (ONLINE,))
        sums = dict(row) if row else {}
        return {
            "total": sums["requests"],
            "answered": sums["answered"],
            "failed": sums["requests"] - sums["answered"],
            "charged": sums["answered"],
            "input_tokens": sums["input_tokens"],
            "output_tokens": sums["output_tokens"],
            "online": online["n"] if online else 0,
        }

    def _products(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        rows = self._store.rows(
            "SELECT product, locales, COUNT(*) AS times FROM requests WHERE status = 200 "
            "GROUP BY product, locales ORDER BY product"
        )
        for row in rows:
            for locale in row["locales"].split():
                counts[row["product"]][locale] += row["times"]
        return counts
