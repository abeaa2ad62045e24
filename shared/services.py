"""What activities and triggers work with, made once a process from the settings."""

from dataclasses import dataclass
from functools import lru_cache

from shared.budget import Budget
from shared.models.batch import OpenAIBatch
from shared.models.run import ImportReport
from shared.models.task import Export, Requeueing
from shared.openai_batch.spread import SpreadProcessor
from shared.settings import Settings
from shared.settings_reading import get_settings
from shared.spreading import MARKED, Spreading
from shared.storage.accounts import StorageAccount
from shared.storage.activity import Activity
from shared.storage.blobs import Blobs
from shared.storage.contents import Contents
from shared.storage.products import Products
from shared.storage.records import Records
from shared.storage.runs import Runs
from shared.storage.signing import Signer
from shared.storage.summaries import Summaries


@dataclass(frozen=True, eq=False)  # one a process: equal to itself alone, and so a key of caches
class Services:
    """The settings, the stores and the processor. All are safe to share between threads."""

    settings: Settings
    products: Products
    contents: Contents
    batches: Records[OpenAIBatch]
    runs: Runs
    imports: Records[ImportReport]
    requeueings: Records[Requeueing]
    exports: Records[Export]
    summaries: Summaries
    activity: Activity
    budget: Budget
    blobs: Blobs
    signer: Signer
    processor: SpreadProcessor
    spreading: Spreading


def make_services(settings: Settings) -> Services:
    """Connect to storage (tables and container are made where absent) and to Azure OpenAI (lazily)."""
    account = StorageAccount(settings)
    blobs = Blobs(account.container)
    products = Products(account.table("products"))
    batches = Records(account.table("batches"), "batch", OpenAIBatch, "batch_id", "batch", marked=MARKED)
    return Services(
        settings=settings,
        products=products,
        contents=Contents(account.table("content")),
        batches=batches,
        runs=Runs(account.table("runs")),
        imports=Records(account.table("imports"), "import", ImportReport, "import_id", "import"),
        requeueings=Records(
            account.table("requeueings"), "requeueing", Requeueing, "requeueing_id", "requeueing"
        ),
        exports=Records(account.table("exports"), "export", Export, "export_id", "export"),
        summaries=Summaries(account.table("summaries"), products),
        activity=Activity(account.table("activity")),
        budget=Budget(settings, account.table("reservations")),
        blobs=blobs,
        signer=account.signer,
        processor=SpreadProcessor(settings, blobs, account.table("reservations")),
        spreading=Spreading(settings, account.table("reservations"), batches),
    )


@lru_cache(maxsize=1)
def get_services() -> Services:
    """The process's services, made at the first call."""
    return make_services(get_settings())
