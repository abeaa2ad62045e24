"""A small client of the app's HTTP API, for the scripts."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

_TIMEOUT = (5, 230)

_CONTENT_TYPES = {".csv": "text/csv", ".json": "application/json", ".jsonl": "application/x-ndjson"}

Json = dict[str, Any]


class ApiError(Exception):
    """The service said no. The text is its own message, with the code and what it adds."""


class OutOfReach(Exception):
    """Nothing answered at the base URL."""


class ApiClient:
    """Calls the API at `base_url` with `api_key`."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["X-API-Key"] = api_key

    def call(self, method: str, path: str, **options: Any) -> Json:
        """One call; the answer is the JSON body.

        Raises:
            ApiError: when the service refuses.
            OutOfReach: when there is no service.
        """
        try:
            response = self._session.request(method, self._base_url + path, timeout=_TIMEOUT, **options)
        except requests.ConnectionError:
            raise OutOfReach(
                f"Nothing answers at {self._base_url}. Start it with `make serve`, or give --base-url."
            ) from None
        body = _json(response)
        if not response.ok:
            error = body.get("error", {})
            raise ApiError(
                f"{error.get('code', response.status_code)}: {error.get('message', response.reason)}"
            )
        return body

    def pipeline(self, category_limit: int, categories: list[str] | None = None) -> Json:
        """Start a run; the answer is its record."""
        return self._start("pipeline", category_limit, categories)

    def create(self, category_limit: int, categories: list[str] | None = None) -> Json:
        """Start a run that stops at created batches; the answer is its record."""
        return self._start("create", category_limit, categories)

    def submit(self, batch_id: str) -> Json:
        return dict(self.call("POST", f"/api/v1/batch/submit/{quote(batch_id, safe='')}")["batch"])

    def process_results(self, batch_id: str) -> Json:
        return dict(self.call("POST", f"/api/v1/batch/process-results/{quote(batch_id, safe='')}")["batch"])

    def batch(self, batch_id: str) -> Json:
        return dict(self.call("GET", f"/api/v1/batch/status/{quote(batch_id, safe='')}")["batch"])

    def batches(self, limit: int = 50) -> list[Json]:
        return list(self.call("GET", "/api/v1/batch/list", params={"limit": limit})["batches"])

    def products_status(self) -> Json:
        return self.call("GET", "/api/v1/batch/products/status")

    def run(self, run_id: str) -> Json:
        """A run and its batches: {"run": …, "batches": […]}."""
        return self.call("GET", f"/api/v1/runs/{quote(run_id, safe='')}")

    def product(self, product_id: str) -> Json:
        return self.call("GET", f"/api/v1/products/{quote(product_id, safe='')}")

    def import_file(self, path: Path) -> Json:
        """Import a catalogue file and wait for the report.

        Raises:
            ApiError: for a file whose ending names no format that is read.
        """
        content_type = _CONTENT_TYPES.get(path.suffix.lower())
        if content_type is None:
            raise ApiError(f"{path.name}: the ending must be one of {', '.join(_CONTENT_TYPES)}.")
        started = self.call(
            "POST", "/api/v1/products/import", data=path.read_bytes(), headers={"Content-Type": content_type}
        )
        while True:
            report = dict(self.call("GET", started["location"])["import"])
            if report["status"] != "running":
                return report
            time.sleep(0.5)

    def follow_run(self, run_id: str, seen: Callable[[Json], None], interval: float = 1.0) -> Json:
        """Watch a run until it ends, handing each answer to `seen`; the last answer comes back."""
        while True:
            answer = self.run(run_id)
            seen(answer)
            if answer["run"]["status"] in ("completed", "failed"):
                return answer
            time.sleep(interval)

    def _start(self, what: str, category_limit: int, categories: list[str] | None) -> Json:
        parameters: Json = {"category_limit": category_limit}
        if categories:
            parameters["category"] = ",".join(categories)
        return dict(self.call("POST", f"/api/v1/batch/{what}", params=parameters)["run"])


def _json(response: requests.Response) -> Json:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
