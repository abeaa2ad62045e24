"""Builds `Services` from the settings, once per process."""

from functools import lru_cache

from shared.capacity.budget import Budget
from shared.capacity.deployment_balancer import MARKER_FIELDS, DeploymentBalancer
from shared.capacity.rate_limiter import RateLimiter
from shared.config.settings import Settings
from shared.config.settings_loader import get_settings
from shared.domain.batch import OpenAIBatch
from shared.domain.run import ImportReport
from shared.domain.task import Export, Requeueing
from shared.online_fallback.online_calls import OnlineCalls
from shared.online_fallback.online_processor import OnlineProcessor
from shared.openai_batch.router import BatchRouter
from shared.persistence.audit_log import AuditLog
from shared.persistence.blobs import Blobs
from shared.persistence.category_summaries import CategorySummaries
from shared.persistence.content_repository import ContentRepository
from shared.persistence.product_repository import ProductRepository
from shared.persistence.record_repository import RecordRepository
from shared.persistence.run_repository import RunRepository
from shared.persistence.storage_account import StorageAccount
from shared.services import Services


def make_services(settings: Settings) -> Services:
    """Connect to storage, where absent tables and the container are created, and (lazily) to Azure OpenAI."""
    account = StorageAccount(settings)
    blobs = Blobs(account.container)
    products = ProductRepository(account.table("products"))
    batches = RecordRepository(account.table("batches"), OpenAIBatch, "batch", marker_fields=MARKER_FIELDS)
    return Services(
        settings=settings,
        products=products,
        contents=ContentRepository(account.table("content")),
        batches=batches,
        runs=RunRepository(account.table("runs")),
        imports=RecordRepository(account.table("imports"), ImportReport, "import"),
        requeueings=RecordRepository(account.table("requeueings"), Requeueing, "requeueing"),
        exports=RecordRepository(account.table("exports"), Export, "export"),
        summaries=CategorySummaries(account.table("summaries"), products),
        audit_log=AuditLog(account.table("activity")),
        budget=Budget(settings, account.table("reservations")),
        blobs=blobs,
        signer=account.signer,
        router=BatchRouter(settings, blobs, _online_processor(settings, blobs, account)),
        balancer=DeploymentBalancer(settings, account.table("reservations"), batches),
    )


def _online_processor(settings: Settings, blobs: Blobs, account: StorageAccount) -> OnlineProcessor | None:
    """The processor for the last requests of a run; None without an online deployment.

    STRAGGLER_MAX_REQUESTS=0 does not matter here: batches that were created before it was set still need it.
    """
    deployment = settings.azure_openai_online_deployment_name
    if not deployment:
        return None
    own = settings.for_online_calls()
    limiter = RateLimiter(account.table("reservations"), deployment, settings.online_requests_per_minute)
    return OnlineProcessor(own, OnlineCalls(own), blobs, limiter)


@lru_cache(maxsize=1)
def get_services() -> Services:
    """The services of this process, made at the first call."""
    return make_services(get_settings())
