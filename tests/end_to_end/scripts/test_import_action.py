"""`--action import`: files that are imported, and files that are refused."""

from tests.end_to_end.scripts.shell import CATALOGUE, Shell


def test_importing_again_changes_nothing_and_bad_rows_are_named(shell: Shell) -> None:
    (shell.folder / "bad_rows.csv").write_text("sku,name,msrp_price\nX-1,Good,1\n,No sku,2\n", "utf-8")
    (shell.folder / "latin.csv").write_bytes("sku,name\nX-2,Flöte\n".encode("latin-1"))
    (shell.folder / "empty.csv").touch()
    (shell.folder / "sheet.xlsx").write_bytes(b"x")
    again, bad_rows, latin, empty, sheet, absent = shell.run_all(
        [
            ("--action", "import", "--file", name)
            for name in ("catalogue.csv", "bad_rows.csv", "latin.csv", "empty.csv", "sheet.xlsx", "no.csv")
        ]
    )
    assert again.code == 0
    assert "21 rows: 0 created, 0 updated, 21 unchanged, 0 duplicate, 0 rejected" in again.out
    assert bad_rows.code == 1
    assert "1 created" in bad_rows.out
    assert "line 3 sku" in bad_rows.out
    assert latin.code == 1
    assert "not UTF-8" in latin.out
    assert (empty.code, sheet.code, absent.code) == (2, 2, 2)
    assert "empty.csv is empty" in empty.err
    assert ".jsonl" in sheet.err
    assert "There is no file no.csv" in absent.err


def test_a_file_beyond_the_body_limit_is_uploaded_to_a_signed_address(shell: Shell) -> None:
    row = '[{"sku": "BIG-1", "name": "Carillon", "category": "Bells"}'
    (shell.folder / "large.json").write_text(row + " " * (91 * 1024 * 1024) + "]", encoding="utf-8")
    done = shell.run("--action", "import", "--file", "large.json", "--json")
    assert done.code == 0, done.err
    assert (done.json["created"], done.json["blob"].split("/")[0]) == (1, "uploads")
    assert "sig=" not in done.out + done.err
    found = shell.run("--action", "status", "--import-id", done.json["import_id"], "--json")
    assert found.json == done.json


def test_a_full_feed_reports_what_it_discontinued(shell: Shell) -> None:
    kept = CATALOGUE.replace("GON-2,Gongs [bold]2[/bold],Veskar,Gongs\n", "")
    (shell.folder / "full.csv").write_text(kept, encoding="utf-8")
    tried = shell.run("--action", "import", "--file", "full.csv", "--full-feed", "--dry-run")
    assert tried.code == 0, tried.out + tried.err
    assert "nothing is stored" in tried.out
    assert " absent from the file" in tried.out
    assert shell.machine.request("GET", "/api/v1/products/GON-2").status_code == 200
    done = shell.run("--action", "import", "--file", "full.csv", "--full-feed")
    assert done.code == 0, done.out + done.err
    assert "discontinued" in done.out
    page = shell.machine.request("GET", "/api/v1/products?category=gongs").json()["products"]
    assert {product["product_id"] for product in page if product["discontinued_at"]} == {"GON-2"}
