"""`--action export`: a channel's files in one zip, downloaded."""

import zipfile

from tests.end_to_end.scripts.shell import Shell


def test_a_channel_is_exported_and_downloaded(shell: Shell) -> None:
    own_columns = ("--channel", "plain_csv", "--column", "sku")
    done, own, unknown, wrong = shell.run_all(
        [
            ("--action", "export", "--channel", "shopify", "--locale", "en-US", "--locale", "de-DE"),
            ("--action", "export", *own_columns, "--file", "own.zip", "--json"),
            ("--action", "export", "--channel", "amazon"),
            ("--action", "export", "--channel", "shopify", "--column", "sku"),
        ]
    )
    assert done.code == 0, done.err
    assert "bytes in shopify.zip" in done.out
    assert "report.csv in it lists what was left out" in done.out
    assert own.json["bytes"] == (shell.folder / "own.zip").stat().st_size
    for name in ("shopify.zip", "own.zip"):
        with zipfile.ZipFile(shell.folder / name) as archive:
            assert archive.testzip() is None
            assert {"report.csv", "summary.json"} <= set(archive.namelist())
    assert (unknown.code, wrong.code) == (2, 2)
    assert "google_merchant" in unknown.err
    assert "columns" in wrong.err
    assert "sig=" not in done.out + done.err + own.out
