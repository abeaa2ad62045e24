import io
import random
from typing import cast

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobClient

from shared.persistence.blobs import BLOCK_BYTES, READ_BYTES
from shared.services import Services


def test_what_is_written_is_read(services: Services) -> None:
    content = random.Random(1).randbytes(2 * BLOCK_BYTES + 12_345)
    size = services.blobs.write("a", (content[i : i + 70_001] for i in range(0, len(content), 70_001)))
    assert size == len(content)
    assert b"".join(services.blobs.chunks("a")) == content


def test_nothing_changes_before_the_commit(services: Services) -> None:
    services.blobs.write("a", [b"old"])
    writer = services.blobs.writer("a")
    writer.write(b"x" * (BLOCK_BYTES + 1))
    assert b"".join(services.blobs.chunks("a")) == b"old"
    writer.commit()
    assert b"".join(services.blobs.chunks("a")) == b"x" * (BLOCK_BYTES + 1)


def test_a_blob_is_a_seekable_file(services: Services) -> None:
    content = random.Random(2).randbytes(2 * READ_BYTES + 99)
    services.blobs.write("a", [content])
    file = io.BufferedReader(cast(io.RawIOBase, services.blobs.open("a")))
    assert file.read() == content
    file.seek(READ_BYTES - 3)
    assert file.read(10) == content[READ_BYTES - 3 : READ_BYTES + 7]
    file.seek(0, io.SEEK_END)
    assert (file.tell(), file.read()) == (len(content), b"")


def test_lines_may_span_chunks(services: Services) -> None:
    lines = [b"x" * length for length in (1, 3 * READ_BYTES, 5)]
    services.blobs.write("a", [b"\r\n".join(lines) + b"\n\n"])
    assert list(services.blobs.lines("a")) == lines


def test_absent_blobs(services: Services) -> None:
    services.blobs.delete("absent")
    assert not services.blobs.exists("absent")
    with pytest.raises(ResourceNotFoundError):
        list(services.blobs.lines("absent"))


def test_a_block_that_fails_to_upload_raises_and_nothing_is_committed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.blobs.write("a", [b"old"])
    writer = services.blobs.writer("a")
    with monkeypatch.context() as patch:
        patch.setattr(BlobClient, "stage_block", lambda *_: 1 / 0)
        writer.write(b"x" * (BLOCK_BYTES + 1))
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                writer.commit()
    assert b"".join(services.blobs.chunks("a")) == b"old"
