"""Finds the processor of a batch by the deployment in its record."""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.errors import NotConfigured
from shared.domain.outcome import ManifestLine
from shared.domain.product import Product
from shared.openai_batch.access_probe import AccessProbe
from shared.openai_batch.processor import AzureOpenAIBatchProcessor
from shared.openai_batch.remote_batches import RemoteBatches
from shared.openai_batch.remote_errors import RemoteError
from shared.openai_batch.request_lines import RequestLines
from shared.openai_batch.submission import Save, Wait
from shared.persistence.blobs import Blobs


class BatchProcessor(Protocol):
    """The steps that every batch takes, whether a job or online calls answer it."""

    def build(self, product: Product, manifest_line: ManifestLine) -> RequestLines: ...

    def submit(self, batch: OpenAIBatch, save: Save) -> Wait | None: ...

    def stage(self, batch: OpenAIBatch, prefix: str, without_missing: bool = False) -> list[str]: ...

    def forget(self, batch: OpenAIBatch) -> None: ...


class BatchRouter:
    """One processor per deployment. `online` processes the batches that have no job; None: not configured."""

    def __init__(self, settings: Settings, blobs: Blobs, online: BatchProcessor | None) -> None:
        self._processors: dict[str, AzureOpenAIBatchProcessor] = {}
        self._endpoints: dict[str, str] = {}
        # Deployments at the same resource share its list of jobs, so each resource is asked once.
        self._by_resource: dict[str, AzureOpenAIBatchProcessor] = {}
        for name, own in settings.by_deployment().items():
            processor = AzureOpenAIBatchProcessor(own, RemoteBatches(own), blobs)
            self._processors[name] = processor
            self._endpoints[name] = own.azure_openai_endpoint
            self._by_resource.setdefault(own.azure_openai_endpoint, processor)
        self._online = online
        self.access = AccessProbe({name: each.probe for name, each in self._by_resource.items()})

    @property
    def job_processors(self) -> Mapping[str, AzureOpenAIBatchProcessor]:
        """The processors of batches with a job, by deployment."""
        return self._processors

    def missing_deployment(self, batch: OpenAIBatch) -> str | None:
        """What the settings lack to process the batch, for a person to read; None when nothing is missing."""
        if batch.is_online:
            return None if self._online else "AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME, which is no longer set"
        if batch.deployment in self._processors:
            return None
        return (
            f"deployment {batch.deployment!r}, which is no longer in MORE_DEPLOYMENTS; "
            "put it back until its batches have ended"
        )

    def endpoint_of(self, batch: OpenAIBatch) -> str | None:
        """The endpoint of the resource that a batch's job is at; None without a configured deployment."""
        return self._endpoints.get(batch.deployment)

    def processor_for(self, batch: OpenAIBatch) -> BatchProcessor:
        """The processor of a batch.

        Raises:
            NotConfigured: when the settings do not contain the batch's deployment.
        """
        if self._online and batch.is_online:
            return self._online
        return self.job_processor_for(batch)

    def job_processor_for(self, batch: OpenAIBatch) -> AzureOpenAIBatchProcessor:
        """The processor of a batch that has a job at Azure.

        Raises:
            NotConfigured: when the settings do not contain the batch's deployment.
        """
        if missing := self.missing_deployment(batch):
            raise NotConfigured(f"Batch {batch.batch_id} waits for {missing}.")
        return self._processors[batch.deployment]

    def batch_of_job(self, job_id: str) -> str | None:
        """The id of the batch that a job belongs to; asks each resource until one knows the job.

        Raises:
            RemoteError: when a resource does not answer.
        """
        found: Iterator[str | None] = (each.batch_of_job(job_id) for each in self._by_resource.values())
        return next(filter(None, found), None)

    def cancel_surplus(self, find: Callable[[str], OpenAIBatch | None]) -> list[str]:
        """Cancel surplus jobs at every resource (see `surplus_jobs.cancel_surplus`); returns their job ids.

        A resource that does not answer is logged and skipped: the next call asks it again.
        """
        cancelled: list[str] = []
        for endpoint, each in self._by_resource.items():
            try:
                cancelled += each.cancel_surplus(find)
            except RemoteError as error:
                logging.error("could not list the jobs at %s to find surplus ones: %s", endpoint, error)
        return cancelled
