"""What a shop front reads: one locale, unchanged content only once, links for a country, an updated copy."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import orjson
import pytest
import requests

from local.local_settings import READ_API_KEY
from shared.content.locales import LOCALES
from tests.end_to_end.conftest import Json, Machine, running_machine
from tests.end_to_end.test_service import finished

ROWS = "sku,name,brand,category,url_source\n" + "".join(
    f"C-{n},Cello {n},Ardena,Cellos,https://www.thomann.de/gb/cello_{n}.htm?affid=999&offid=1\n"
    for n in range(3)
)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    data = tmp_path_factory.mktemp("machine")
    path = data / "catalogue.csv"
    path.write_text(ROWS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFFILIATE_IDS", "thomann=4711")
        with running_machine(data) as made:
            made.client.import_file(path)
            assert made.run(2)["run"]["status"] == "completed"
            yield made


def get(machine: Machine, path: str, **headers: str) -> requests.Response:
    return machine.request("GET", f"/api/v1/products{path}", key=READ_API_KEY, headers=headers)


@pytest.fixture(scope="module")
def complete(machine: Machine) -> str:
    products = get(machine, "?category=Cellos&status=completed").json()["products"]
    assert len(products) == 2
    return str(products[0]["product_id"])


@pytest.mark.parametrize(
    ("path", "headers", "served"),
    [
        ("?locale=de-AT", {}, "de-DE"),
        ("?locale=it", {"Accept-Language": "de"}, "it-IT"),
        ("", {"Accept-Language": "sv, fr-CA;q=0.8"}, "fr-FR"),
        ("?locale=sv", {}, "en-US"),
    ],
)
def test_one_locale_is_served_by_name_or_by_header(
    machine: Machine, complete: str, path: str, headers: dict[str, str], served: str
) -> None:
    answer = get(machine, f"/{complete}{path}", **headers).json()
    assert answer["locale"] == served
    assert list(answer["content"]["ai_generated_content"]) == [served]
    assert list(answer["content"]["qa"]) in ([served], [])
    assert answer["content"]["ai_generated_content"][served]["basic_info"]["overview"]


def test_all_locales_are_served_when_none_is_requested(machine: Machine, complete: str) -> None:
    answer = get(machine, f"/{complete}").json()
    assert answer["locale"] is None
    assert list(answer["content"]["ai_generated_content"]) == list(LOCALES)
    assert get(machine, f"/{complete}?locale=../x").status_code == 400


def test_what_has_not_changed_is_not_sent_again(machine: Machine, complete: str) -> None:
    first = get(machine, f"/{complete}?locale=de-DE")
    etag = first.headers["ETag"]
    again = get(machine, f"/{complete}?locale=de-DE", **{"If-None-Match": f'"old", W/{etag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    other = get(machine, f"/{complete}?locale=fr-FR", **{"If-None-Match": etag})
    assert (other.status_code, other.headers["Vary"]) == (200, "Accept-Language")


def test_links_are_clean_in_the_document_and_credited_to_the_shop_when_served(
    machine: Machine, complete: str
) -> None:
    answer = get(machine, f"/{complete}?region=DE&placement=page").json()
    clean = answer["content"]["product_input"]["store_links"]["thomann"]["product_url"]
    assert clean == f"https://www.thomann.de/gb/cello_{complete[-1]}.htm"
    [link] = answer["links"]
    assert link == {
        "store": "thomann",
        "url": f"{clean}?offid=1&affid=4711&subid=page",
        "is_affiliate": True,
    }
    assert "affid=999" not in str(answer)
    assert get(machine, f"/{complete}?region=BR").json()["links"] == []
    assert get(machine, f"/{complete}?region=Germany").status_code == 400


def test_a_copy_is_kept_by_what_was_updated_since(machine: Machine) -> None:
    everything = get(machine, "?category=Cellos&content=true").json()["products"]
    assert [bool(item["content"]["content_metadata"]["missing_locales"]) for item in everything].count(
        False
    ) == 2
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    path = f"?category=Cellos&content=true&updated_since={now}"
    assert get(machine, path).json()["products"] == []
    assert machine.run(1)["run"]["status"] == "completed"
    [changed] = get(machine, path).json()["products"]
    assert changed["openai_processing_status"] == "completed"
    assert set(changed["content"]["ai_generated_content"]) == set(LOCALES)
    assert get(machine, "?category=Cellos&updated_since=yesterday").status_code == 400


def test_an_export_is_a_file_a_category(machine: Machine) -> None:
    response = machine.request("POST", "/api/v1/exports", json={"locales": ["de-DE"]})
    assert response.status_code == 202
    export = finished(machine, response.headers["Location"], "export")
    files: list[Json] = machine.request("GET", response.headers["Location"]).json()["files"]
    assert [file["category"] for file in files] == ["cellos"]
    lines = [orjson.loads(line) for line in requests.get(files[0]["url"], timeout=30).content.splitlines()]
    assert len(lines) == export["products"] == 3
    assert {tuple(line["content"]["ai_generated_content"]) for line in lines} == {("de-DE",)}
    unknown = machine.request("POST", "/api/v1/exports", json={"categories": ["Kazoos"]})
    assert unknown.status_code == 404


def test_the_findings_of_a_product_and_their_places(machine: Machine, complete: str) -> None:
    answer = get(machine, f"/{complete}/quality").json()
    assert (answer["minimum_score"], list(answer["locales"])) == (70, list(LOCALES))
    for locale in answer["locales"].values():
        assert locale["published"]["score"] >= 70
        assert locale["rejected"] is None
        assert {finding["severity"] for finding in locale["published"]["findings"]} <= {"warning"}
    assert get(machine, "/nobody/quality").status_code == 404


@pytest.mark.usefixtures("complete")
def test_prompts_are_reported_side_by_side(machine: Machine) -> None:
    def report(query: str) -> requests.Response:
        return machine.request("GET", f"/api/v1/prompts/report{query}", key=READ_API_KEY)

    answer = report("").json()
    [prompt] = answer["prompts"]
    assert prompt["prompt_version"] == "v3"
    assert prompt["products"] <= prompt["requests"] <= 2 * prompt["products"]
    assert prompt["compared"] is None
    assert prompt["score"] >= 70
    assert report("?batches=0").status_code == 400


def test_every_try_of_a_product_is_kept(machine: Machine, complete: str) -> None:
    tries = get(machine, f"/{complete}/tries").json()["tries"]
    assert sorted(one["part"] for one in tries) == sorted([*LOCALES, "facts"])
    assert {(one["outcome"], one["attempt"]) for one in tries} == {("stored", 1)}
    assert get(machine, "/nope/tries").status_code == 404


def test_a_link_that_a_browser_takes_elsewhere_gets_no_affiliate_id(
    machine: Machine, import_text: Callable[[str], Json]
) -> None:
    hosts = (r"evil.example\.thomann.de", "thomann.de@evil.example", "www.thomann.de")
    import_text(
        "sku,name,category,url_source,description\n"
        + "".join(f"L-{n},Lute {n},Lutes,https://{host}/x,{'1' * 9_000}\n" for n, host in enumerate(hosts))
    )
    links = [get(machine, f"/L-{n}?region=DE").json()["links"] for n in range(3)]
    assert links[:2] == [[], []]
    assert [link["url"] for link in links[2]] == ["https://www.thomann.de/x?offid=1&affid=4711"]


def test_an_export_to_a_channel_is_one_zip(machine: Machine, complete: str) -> None:
    wanted = {"channel": "plain_csv", "locales": ["de-DE"], "columns": ["product_id", "html"]}
    response = machine.request("POST", "/api/v1/exports", json=wanted)
    assert response.status_code == 202
    export = finished(machine, response.headers["Location"], "export")
    answer = machine.request("GET", response.headers["Location"]).json()
    assert (answer["files"], export["channel"]) == ([], "plain_csv")
    data = requests.get(answer["archive"]["url"], timeout=30).content
    assert len(data) == answer["archive"]["bytes"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        table = archive.read("products.csv").decode("utf-8-sig")
        assert {"report.csv", "summary.json"} <= set(archive.namelist())
    rows = {row["product_id"]: row["html"] for row in csv.DictReader(io.StringIO(table))}
    assert len(rows) == export["products"]
    assert rows[complete].startswith("<p>")
    refused = machine.request("POST", "/api/v1/exports", json={**wanted, "columns": ["price"]})
    assert refused.status_code == 400
    assert "must be some of" in refused.text


def test_json_ld_has_an_address_of_its_own(machine: Machine, complete: str) -> None:
    response = get(machine, f"/{complete}/json-ld?locale=de-DE")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/ld+json")
    page = response.json()
    assert (page["@type"], page["inLanguage"], page["mainEntity"]["sku"]) == ("WebPage", "de-DE", complete)
    assert get(machine, "/nobody/json-ld").status_code == 404
