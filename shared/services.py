"""`Services`: the settings, repositories and clients that every step works with; made by `composition.py`."""

from dataclasses import dataclass

from shared.capacity.budget import Budget
from shared.capacity.deployment_balancer import DeploymentBalancer
from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.run import ImportReport
from shared.domain.task import Export, Requeueing
from shared.openai_batch.router import BatchRouter
from shared.persistence.audit_log import AuditLog
from shared.persistence.blobs import Blobs
from shared.persistence.category_summaries import CategorySummaries
from shared.persistence.content_repository import ContentRepository
from shared.persistence.product_repository import ProductRepository
from shared.persistence.record_repository import RecordRepository
from shared.persistence.run_repository import RunRepository
from shared.persistence.signed_urls import Signer


@dataclass(
    frozen=True, eq=False
)  # one instance a process, compared by identity, so it can be a key of caches
class Services:
    """What activities and triggers work with. Every member is safe to share between threads."""

    settings: Settings
    products: ProductRepository
    contents: ContentRepository
    batches: RecordRepository[OpenAIBatch]
    runs: RunRepository
    imports: RecordRepository[ImportReport]
    requeueings: RecordRepository[Requeueing]
    exports: RecordRepository[Export]
    summaries: CategorySummaries
    audit_log: AuditLog
    budget: Budget
    blobs: Blobs
    signer: Signer
    router: BatchRouter
    balancer: DeploymentBalancer
