"""Several deployments behind one processor: a call goes to the one that the batch's record names."""

import logging
from collections.abc import Callable, Iterator
from typing import Protocol

from shared.deployments import DEFAULT, online_settings, settings_of
from shared.errors import NotConfigured
from shared.models.batch import OpenAIBatch
from shared.models.outcome import ManifestLine
from shared.models.product import Product
from shared.openai_batch.online import OnlineProcessor
from shared.openai_batch.online_calls import OnlineCalls
from shared.openai_batch.processor import AzureOpenAIBatchProcessor, JobState
from shared.openai_batch.remote import RemoteBatches, RemoteError
from shared.openai_batch.request_lines import RequestLines
from shared.openai_batch.result_lines import ResultLine
from shared.openai_batch.submission import Save, Wait
from shared.settings import Settings
from shared.storage.blobs import Blobs
from shared.storage.pace import Pace
from shared.storage.table import Table


class BatchSteps(Protocol):
    """What can be done for any batch, whether a job answers it or online calls."""

    def build(self, product: Product, sent: ManifestLine) -> RequestLines: ...

    def submit(self, batch: OpenAIBatch, save: Save) -> Wait | None: ...

    def stage(self, batch: OpenAIBatch, prefix: str, without_missing: bool = False) -> list[str]: ...

    def forget(self, batch: OpenAIBatch) -> None: ...


class SpreadProcessor:
    """A processor a deployment. Every call about a batch raises `NotConfigured` where its own is gone.

    `table` is where the pace of online calls is kept.
    """

    def __init__(self, settings: Settings, blobs: Blobs, table: Table) -> None:
        self._processors: dict[str, AzureOpenAIBatchProcessor] = {}
        # Deployments at one resource share its jobs, and so it is looked through once.
        self._of_resource: dict[str, AzureOpenAIBatchProcessor] = {}
        for name, own in settings_of(settings).items():
            made = AzureOpenAIBatchProcessor(own, RemoteBatches(own), blobs)
            self._processors[name] = made
            self._of_resource.setdefault(own.azure_openai_endpoint, made)
        self._online: OnlineProcessor | None = None
        if online := settings.azure_openai_online_deployment_name:
            own = online_settings(settings)
            pace = Pace(table, online, settings.online_requests_per_minute)
            self._online = OnlineProcessor(own, OnlineCalls(own), blobs, pace)

    def missing(self, batch: OpenAIBatch) -> str | None:
        """Why nothing can be done for a batch whose deployment is gone from the settings; else None."""
        if batch.is_online:
            return None if self._online else "AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME, which is not set any more"
        if batch.deployment in self._processors:
            return None
        return (
            f"deployment {batch.deployment!r}, which MORE_DEPLOYMENTS names no more; "
            "put it back until its batches have ended"
        )

    def build(self, batch: OpenAIBatch, product: Product, sent: ManifestLine) -> RequestLines:
        return self._of(batch).build(product, sent)

    def submit(self, batch: OpenAIBatch, save: Save) -> Wait | None:
        return self._of(batch).submit(batch, save)

    def check(self, batch: OpenAIBatch) -> JobState:
        return self._with_jobs(batch).check(batch)

    def cancel(self, batch: OpenAIBatch) -> None:
        self._with_jobs(batch).cancel(batch)

    def stage(self, batch: OpenAIBatch, prefix: str, without_missing: bool = False) -> list[str]:
        return self._of(batch).stage(batch, prefix, without_missing)

    def forget(self, batch: OpenAIBatch) -> None:
        self._of(batch).forget(batch)

    def parse(self, segment: str) -> Iterator[ResultLine]:
        return self._processors[DEFAULT].parse(segment)

    def batch_of_job(self, job_id: str) -> str | None:
        """See `AzureOpenAIBatchProcessor.batch_of_job`; every resource is asked until one knows the job."""
        found = (each.batch_of_job(job_id) for each in self._of_resource.values())
        return next(filter(None, found), None)

    def cancel_surplus(self, find: Callable[[str], OpenAIBatch | None]) -> list[str]:
        """See `surplus.cancel_surplus`, at every resource; a silent one does not stop the others."""
        cancelled: list[str] = []
        for endpoint, each in self._of_resource.items():
            try:
                cancelled += each.cancel_surplus(find)
            except RemoteError as error:
                if len(self._of_resource) == 1:
                    raise
                logging.error("surplus jobs at %s could not be looked for: %s", endpoint, error)
        return cancelled

    def _of(self, batch: OpenAIBatch) -> BatchSteps:
        if self._online and batch.is_online:
            return self._online
        return self._with_jobs(batch)

    def _with_jobs(self, batch: OpenAIBatch) -> AzureOpenAIBatchProcessor:
        if missing := self.missing(batch):
            raise NotConfigured(f"Batch {batch.batch_id} waits for {missing}.")
        return self._processors[batch.deployment]
