"""Calls that something other than the API answers, or nothing; uploads and downloads of files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts import upload as upload_module
from scripts.actions.download_actions import DownloadFailed, download
from scripts.transport import AnswerLost, ApiError, BadAddress, OutOfReach, Transport
from scripts.upload import BadFile, UploadFailed, content_type_of, upload
from tests.http_servers import QuietHandler, serving


class Server(QuietHandler):
    """Returns the responses that a test put into `answers` for a path. None closes the connection.

    The last response of a path repeats. The bodies of PUT requests are kept in `put`.
    """

    put: ClassVar[list[tuple[str, bytes]]] = []
    answers: ClassVar[dict[str, list[tuple[int, bytes] | None]]] = {}

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command == "PUT":
            self.put.append((self.path, body))
        queue = self.answers[urlsplit(self.path).path]
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if answer is None:
            self.close_connection = True
            return
        status, content = answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = _answer  # noqa: N815 - names that the standard library needs


@pytest.fixture
def url() -> Iterator[str]:
    Server.put.clear()
    Server.answers.clear()
    with serving(Server) as url:
        yield url


API_ERROR = json.dumps({"error": {"code": "not_found", "message": "no", "details": {}}}).encode()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((404, API_ERROR), ApiError),
        ((404, b'{"error": {"code": "404", "message": "Resource not found"}}'), OutOfReach),
        ((404, b"<html>"), OutOfReach),
        ((200, b"<html>"), OutOfReach),
        ((200, b"[]"), OutOfReach),
        ((500, b""), OutOfReach),
        ((502, b"<html>Bad Gateway"), AnswerLost),
        ((504, b""), AnswerLost),
        (None, AnswerLost),
    ],
)
def test_a_response_that_is_not_of_this_api_is_recognised(
    url: str, answer: tuple[int, bytes] | None, expected: type[Exception]
) -> None:
    Server.answers["/x"] = [answer]
    with pytest.raises(expected) as raised:
        Transport(url, "secret-key").call("POST", "/x")
    assert raised.type is expected
    assert "secret-key" not in str(raised.value)


@pytest.mark.parametrize("base_url", ["", "localhost", "ftp://x", "http://"])
def test_a_base_url_that_is_not_a_url_is_refused(base_url: str) -> None:
    with pytest.raises(BadAddress, match="such as"):
        Transport(base_url, "key").call("GET", "/x")


def test_a_key_with_a_line_end_cannot_be_sent(url: str) -> None:
    with pytest.raises(BadAddress, match="line ends"):
        Transport(url, "key\n").call("GET", "/x")


@pytest.mark.parametrize("name", ["a.CSV", "b.json", "c.jsonl"])
def test_the_ending_decides_the_format(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    assert content_type_of(tmp_path / name)[1] in name.lower()


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a"])
def test_a_file_that_is_absent_or_of_another_format_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile):
        content_type_of(tmp_path / name)


def test_blocks_are_uploaded_in_order_and_again_after_a_broken_connection(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_module, "_BLOCK_BYTES", 4)
    (tmp_path / "a.csv").write_bytes(b"0123456789")
    Server.answers["/blob"] = [None, (503, b""), (201, b"")]
    upload(tmp_path / "a.csv", f"{url}/blob?sig=secret")
    sent = {}
    for path, body in Server.put[:-1]:
        query = parse_qs(urlsplit(path).query)
        assert (query["comp"], query["sig"]) == (["block"], ["secret"])
        sent[query["blockid"][0]] = body
    assert list(sent.values()) == [b"0123", b"4567", b"89"]
    path, listed = Server.put[-1]
    assert "comp=blocklist" in path
    assert [listed.index(block_id.encode()) for block_id in sent] == sorted(
        listed.index(block_id.encode()) for block_id in sent
    )


@pytest.mark.parametrize("answer", [(403, b"<Error/>"), (503, b""), None])
def test_the_error_of_a_refused_upload_holds_no_signed_address(
    url: str, tmp_path: Path, answer: tuple[int, bytes] | None
) -> None:
    (tmp_path / "a.csv").write_bytes(b"x")
    Server.answers["/blob"] = [answer]
    with pytest.raises(UploadFailed) as raised:
        upload(tmp_path / "a.csv", f"{url}/blob?sig=secret")
    assert "secret" not in str(raised.value)


def test_a_download_replaces_the_file_only_when_it_is_whole(url: str, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    parts = [{"name": name, "url": f"{url}/{name}?sig=secret"} for name in ("0", "1")]
    Server.answers.update({"/0": [(200, b"a\n")], "/1": [(403, b"")]})
    with pytest.raises(DownloadFailed) as raised:
        download(parts, target)
    assert "secret" not in str(raised.value)
    assert target.read_text() == "old"
    Server.answers["/1"] = [(200, b"b\n")]
    assert download(parts, target) == 4
    assert target.read_text() == "a\nb\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
