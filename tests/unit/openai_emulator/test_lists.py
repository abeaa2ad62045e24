"""Lists: pages, order and filters."""

from local.openai_emulator import RunningEmulator
from tests.unit.openai_emulator.client import call, client_of, requests, submit, upload

GA, PREVIEW = "2024-10-21", "2025-04-01-preview"


def test_pages_of_files(openai_emulator: RunningEmulator) -> None:
    ids = [upload(openai_emulator, requests(1)).id for _ in range(5)]
    client = client_of(openai_emulator)
    assert [file.id for file in client.files.list(limit=2)] == ids[::-1]
    assert [file.id for file in client.files.list(limit=2, order="asc")] == ids
    page = call(openai_emulator, "GET", f"/openai/v1/files?limit=2&after={ids[3]}").json()
    assert [each["id"] for each in page["data"]] == [ids[2], ids[1]]
    assert (page["object"], page["first_id"], page["last_id"]) == ("list", ids[2], ids[1])
    assert page["has_more"] is True
    assert list(client.files.list(purpose="batch_output")) == []
    assert call(openai_emulator, "GET", "/openai/v1/files?limit=0").status_code == 400


def test_pages_of_batches_newest_first(openai_emulator: RunningEmulator) -> None:
    ids = [submit(openai_emulator, requests(1)).id for _ in range(5)]
    client = client_of(openai_emulator)
    assert [job.id for job in client.batches.list(limit=2)] == ids[::-1]
    page = client.batches.list(limit=2, after=ids[2])
    assert ([job.id for job in page.data], page.has_more) == ([ids[1], ids[0]], False)
    assert call(openai_emulator, "GET", "/openai/v1/batches?limit=101").status_code == 400
    assert call(openai_emulator, "GET", "/openai/v1/batches?after=batch_none").status_code == 404


def test_order_and_filter_of_preview_versions(openai_emulator: RunningEmulator) -> None:
    ids = []
    for _ in range(4):
        ids.append(submit(openai_emulator, requests(1)).id)
        openai_emulator.advance(100)
    last = submit(openai_emulator, requests(1))

    def listed(**query: str) -> list[str]:
        path = "/openai/batches"
        answered = call(openai_emulator, "GET", path, params={"api-version": PREVIEW, **query})
        assert answered.status_code == 200
        return [each["id"] for each in answered.json()["data"]]

    assert listed(**{"$orderby": "created_at asc"}) == [*ids, last.id]
    assert listed(**{"$filter": "status eq 'Completed'"}) == ids[::-1]
    between = f"created_at gt {last.created_at - 350} and created_at lt {last.created_at}"
    both = {"$filter": f"{between} and status ne 'failed'", "$orderby": "created_at asc", "limit": "2"}
    assert listed(**both) == ids[1:3]
    for wrong in ({"$filter": "id eq 'x'"}, {"$filter": "status gt 5"}, {"$orderby": "status"}):
        params = {"api-version": PREVIEW, **wrong}
        assert call(openai_emulator, "GET", "/openai/batches", params=params).status_code == 400
