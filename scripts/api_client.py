"""A small client of the app's HTTP API, for the scripts: one method per call."""

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scripts.following import follow
from scripts.transport import Transport
from scripts.upload import LARGEST_BODY, content_type_of, upload

# The open states, not the final ones: a final state that this client does not know must end a watch.
OPEN_RUN = ("queued", "preparing", "running")
OPEN_BATCH = ("building", "created", "submitting", "in_progress", "ingesting")

Json = dict[str, Any]


class ApiClient(Transport):
    """The calls that the scripts make. Each raises what `Transport.call` raises."""

    def pipeline(self, category_limit: int, categories: list[str] | None = None, **more: Any) -> Json:
        """Start a run. Returns its record."""
        return self.start_run("pipeline", {"category_limit": category_limit, "category": categories, **more})

    def create(self, category_limit: int, categories: list[str] | None = None, **more: Any) -> Json:
        """Start a run that creates batches and does not submit them. Returns its record."""
        return self.start_run("create", {"category_limit": category_limit, "category": categories, **more})

    def start_run(self, what: str, parameters: Json, idempotency_key: str | None = None) -> Json:
        """Start a run by `pipeline`, `create` or `create-test`. Returns its record."""
        headers = {"Idempotency-Key": (idempotency_key or new_key()).encode()}
        return dict(
            self.call("POST", f"/api/v1/batch/{what}", json=_sent(parameters), headers=headers)["run"]
        )

    def estimate(self, parameters: Json) -> Json:
        """What a run with these parameters would send and cost. Nothing is started."""
        return self.call("POST", "/api/v1/batch/estimate", json=_sent(parameters))

    def submit(self, batch_id: str) -> Json:
        return self._batch("POST", "submit", batch_id)

    def process_results(self, batch_id: str) -> Json:
        return self._batch("POST", "process-results", batch_id)

    def cancel(self, batch_id: str) -> Json:
        return self._batch("POST", "cancel", batch_id)

    def batch(self, batch_id: str) -> Json:
        return self._batch("GET", "status", batch_id)

    def batches(self, limit: int = 50) -> list[Json]:
        return list(self.call("GET", "/api/v1/batch/list", params={"limit": limit})["batches"])

    def batch_files(self, batch_id: str, kind: str) -> list[Json]:
        """The parts of a batch's file in order: {"name": …, "url": …}. The addresses are signed."""
        path = f"/api/v1/batch/file/{quote(batch_id, safe='')}"
        return list(self.call("GET", path, params={"kind": kind})["files"])

    def products_status(self) -> Json:
        return self.call("GET", "/api/v1/batch/products/status")

    def run(self, run_id: str) -> Json:
        """A run and its batches: {"run": …, "batches": […]}."""
        return self.call("GET", f"/api/v1/runs/{quote(run_id, safe='')}")

    def product(self, product_id: str) -> Json:
        return self.call("GET", f"/api/v1/products/{quote(product_id, safe='')}")

    def preview(self, product_id: str, locales: Sequence[str]) -> Json:
        """Generate the texts of a product now, without storing them."""
        path = f"/api/v1/products/{quote(product_id, safe='')}/preview"
        return self.call("POST", path, json={"locales": list(locales)} if locales else {})

    def start_import(self, path: Path, full_feed: bool = False, dry_run: bool = False) -> Json:
        """Send a catalogue file. Returns the record of its import, which continues in the service.

        With `dry_run` nothing is stored.

        Raises:
            BadFile, UploadFailed: see `scripts.upload`.
        """
        content_type, file_format = content_type_of(path)
        flags = {"full_feed": full_feed, "dry_run": dry_run}
        parameters: Json = {name: "true" for name, is_set in flags.items() if is_set}
        if path.stat().st_size > LARGEST_BODY:
            target = self.call("POST", "/api/v1/products/upload-url", params={"format": file_format})
            upload(path, target["upload_url"])
            answer = self.call(
                "POST", "/api/v1/products/import", params={**parameters, "blob": target["blob"]}
            )
        else:
            with path.open("rb") as body:
                headers = {"Content-Type": content_type}
                answer = self.call(
                    "POST", "/api/v1/products/import", data=body, headers=headers, params=parameters
                )
        return dict(answer["import"])

    def get_import(self, import_id: str) -> Json:
        return dict(self.call("GET", f"/api/v1/imports/{quote(import_id, safe='')}")["import"])

    def import_file(self, path: Path, full_feed: bool = False) -> Json:
        """Import a catalogue file and wait for the report."""
        started = self.start_import(path, full_feed)
        return follow(
            lambda: self.get_import(started["import_id"]),
            lambda report: report["status"] != "running",
            interval=0.5,
        )

    def follow_run(self, run_id: str, seen: Callable[[Json], None], interval: float = 1.0) -> Json:
        """Watch a run until it ends, and pass each response to `seen`. Returns the last response."""
        return follow(
            lambda: self.run(run_id),
            lambda answer: answer["run"]["status"] not in OPEN_RUN,
            seen,
            interval,
        )

    def _batch(self, method: str, what: str, batch_id: str) -> Json:
        return dict(self.call(method, f"/api/v1/batch/{what}/{quote(batch_id, safe='')}")["batch"])


def new_key() -> str:
    """A fresh Idempotency-Key. With it a start whose response is lost can be repeated safely."""
    return f"cli-{uuid.uuid4().hex}"


def _sent(parameters: Json) -> Json:
    """The arguments of a call, as its JSON body. Those that were not given are left out."""
    return {name: value for name, value in parameters.items() if value not in (None, [], ())}
