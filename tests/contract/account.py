"""A client's record of its calls, and the audit that compares the service with it.

"Exactly once" is asserted on the service's ledger and files, not only on the client's own counts.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import openai
import orjson


@dataclass
class Account:
    """What the client sent, and what was acknowledged."""

    uploads: dict[str, list[str]] = field(default_factory=dict)  # file id → custom_ids
    deleted: set[str] = field(default_factory=set)
    deleting: set[str] = field(default_factory=set)  # sent; perhaps not acknowledged
    sent: set[str] = field(default_factory=set)  # metadata ids of creates that were sent
    jobs: dict[str, str] = field(default_factory=dict)  # job id → input file id
    broken: Counter[str] = field(default_factory=Counter)

    def audit(self, client: openai.OpenAI, ledger: dict[str, Any]) -> None:
        """Compare the service with this record.

        Raises:
            AssertionError: when something is lost, duplicated, or was never requested.
        """
        jobs = {job.id: job for job in all_jobs(client)}
        named = [(job.metadata or {})["n"] for job in jobs.values()]
        assert len(named) == len(set(named)), "a create was carried out twice"
        assert set(named) <= self.sent, "a job that was never requested"
        assert self.jobs.keys() <= jobs.keys(), "an acknowledged job is lost"
        charged = sum(self._audit_job(client, job) for job in jobs.values())
        assert charged == ledger["requests"]["charged"]
        assert charged == sum(each["requests_completed"] for each in ledger["jobs"])
        assert ledger["enqueued_tokens"] == 0
        present = {file.id for file in client.files.list()}
        for file_id in self.uploads.keys() - self.deleting:
            assert file_id in present, "an acknowledged file is lost"
            assert _custom_ids(client, file_id) == self.uploads[file_id]
        assert present.isdisjoint(self.deleted), "a deleted file has come back"

    def _audit_job(self, client: openai.OpenAI, job: Any) -> int:
        """Check that every request of a job has one line. Returns how many were charged."""
        answered = _custom_ids(client, job.output_file_id)
        failed = _custom_ids(client, job.error_file_id)
        wanted = self.uploads.get(job.input_file_id)
        if job.status in ("completed", "cancelled") and job.in_progress_at is not None and wanted is not None:
            assert sorted(answered + failed) == sorted(wanted), f"{job.id} lost or duplicated a line"
        assert job.request_counts.completed == len(answered)
        return len(answered)


def all_jobs(client: openai.OpenAI) -> list[Any]:
    return list(client.batches.list(limit=100))


def _custom_ids(client: openai.OpenAI, file_id: str | None) -> list[str]:
    if not file_id:
        return []
    return [orjson.loads(line)["custom_id"] for line in client.files.content(file_id).content.splitlines()]
