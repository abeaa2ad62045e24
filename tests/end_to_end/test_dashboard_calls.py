"""The dashboard over HTTP, without a browser: the page, its files and its data."""

import hashlib
import re
from collections.abc import Callable

import pytest

from local.local_settings import API_KEY, READ_API_KEY
from local.processes import ROOT
from tests.end_to_end.conftest import Json, Machine
from tests.end_to_end.test_service import finished

pytestmark = pytest.mark.usefixtures("one_locale_a_request")

ROWS = "sku,name,category\nF-1,Flute 1,Flutes\nF-2,Flute 2,Flutes\nF-3,,Flutes\n"


def test_the_page_and_its_files_have_a_policy_that_allows_nothing_else(
    machine: Machine,
) -> None:
    page = machine.request("GET", "/api/v1/dashboard", key=None)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert not re.search(r"<style|<script>|style=|https?:", page.text)
    files = [path.relative_to(ROOT / "dashboard") for path in (ROOT / "dashboard").rglob("*.*s")]
    assert len(files) > 20
    for path in files:
        answer = machine.request("GET", f"/api/v1/dashboard/files/{path}", key=None)
        assert answer.content == (ROOT / "dashboard" / path).read_bytes()
        media_type = "text/css" if path.suffix == ".css" else "text/javascript"
        assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
        for source in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"):
            assert source in answer.headers["Content-Security-Policy"]
        known = {"If-None-Match": answer.headers["ETag"]}
        again = machine.request("GET", f"/api/v1/dashboard/files/{path}", key=None, headers=known)
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["scripts/nope.js", "scripts/..%2F..%2Ffunction_app.py", "..%2Fshared/clock.py", "views/%00.js"]
)
def test_nothing_but_its_own_files_is_served(machine: Machine, path: str) -> None:
    assert machine.request("GET", f"/api/v1/dashboard/files/{path}", key=None).status_code == 404


@pytest.mark.parametrize(("key", "scope"), [(API_KEY, "operate"), (READ_API_KEY, "read")])
def test_a_key_can_read_what_it_may_do_and_its_name_in_the_audit_log(
    machine: Machine, key: str, scope: str
) -> None:
    fingerprint = f"key {hashlib.sha256(key.encode()).hexdigest()[:6]}"
    assert machine.request("GET", "/api/v1/caller", key=key).json() == {"scope": scope, "key": fingerprint}


def test_the_overview_says_who_did_what_and_costs_a_304_when_nothing_changed(
    machine: Machine, import_text: Callable[[str], Json]
) -> None:
    import_text(ROWS)
    overview = machine.request("GET", "/api/v1/dashboard/overview", key=READ_API_KEY)
    found = overview.json()
    assert [entry["did"] for entry in found["activity"]] == ["import_products"]
    assert API_KEY not in overview.text
    assert [alert["title"] for alert in found["needs"]] == ["An import rejected 1 of 3 rows"]
    assert [(wait["kind"], wait["products"]) for wait in found["waits"]] == [("run", 2)]
    assert {timer["name"] for timer in found["timers"]} == {"nightly", "reconcile", "cleanup"}
    assert all(timer["next_at"] for timer in found["timers"])
    statuses = set()
    for _ in range(3):  # the reconciler may change the overview in between
        known = {"If-None-Match": overview.headers["ETag"]}
        overview = machine.request("GET", "/api/v1/dashboard/overview", headers=known)
        statuses.add(overview.status_code)
    assert 304 in statuses


def test_everything_that_failed_is_made_pending_again_whatever_the_reason(
    machine: Machine, import_text: Callable[[str], Json]
) -> None:
    import_text(ROWS)
    for part, effect in (("-1$", "refusal"), ("-2$", "content_filter")):
        match = {"product": "Flute 1", "custom_id": part}
        machine.faults({"on": "request", "match": match, "effect": {effect: True}})
    machine.run(0)
    overview = machine.request("GET", "/api/v1/dashboard/overview").json()
    assert {cause["outcome"] for cause in overview["causes"]} == {"refused", "content_filtered"}
    answer = machine.request("POST", "/api/v1/products/regenerate", json={"failed": True})
    assert finished(machine, answer.headers["Location"], "requeueing")["products"] == 1
    assert machine.run(0)["run"]["counts"]["by_outcome"] == {"stored": 2}
    overview = machine.request("GET", "/api/v1/dashboard/overview").json()
    assert overview["causes"] == []
    (day,) = machine.request("GET", "/api/v1/dashboard/trends").json()["days"]
    assert (day["batches"], day["failed"]) == (2, 2)
    assert day["cost"] > 0
