"""The blob container. Files are written, read and split as streams, and never held in memory whole."""

import base64
import io
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from urllib.parse import unquote, urlsplit

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobBlock, BlobClient, ContainerClient

BLOCK_BYTES = 4 * 1024 * 1024
READ_BYTES = 1024 * 1024

_uploads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="blocks")


class Blobs:
    """The blobs of the app's one container, by name."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def url(self, name: str = "") -> str:
        """The address of a blob or of the container. It is not signed: the reader needs its own access."""
        return urlsplit(str(self._container.url))._replace(query="").geturl() + (f"/{name}" if name else "")

    def name(self, url: str) -> str | None:
        """The name of the blob at an address, or None if the address is not in this container."""
        root, path = f"{self.url()}/", urlsplit(url)._replace(query="").geturl()
        return unquote(path.removeprefix(root)) if path.startswith(root) else None

    def writer(self, name: str, block_bytes: int = BLOCK_BYTES) -> "BlobWriter":
        """A writer of a new version of `name`, which becomes visible at `commit`. Buffers one block."""
        return BlobWriter(self._container.get_blob_client(name), block_bytes)

    def write(self, name: str, chunks: Iterable[bytes]) -> int:
        """Replace a blob by a stream of chunks. Returns its size in bytes."""
        writer = self.writer(name)
        for chunk in chunks:
            writer.write(chunk)
        return writer.commit()

    def exists(self, name: str) -> bool:
        return self._container.get_blob_client(name).exists()

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a blob, chunk by chunk.

        Raises:
            azure.core.exceptions.ResourceNotFoundError: when there is no such blob.
        """
        return self._container.download_blob(name).chunks()

    def sized_chunks(self, name: str) -> tuple[int, Iterator[bytes]]:
        """Size and content of one version of a blob, also if it is replaced meanwhile.

        Raises:
            azure.core.exceptions.ResourceNotFoundError: when there is no such blob.
        """
        download = self._container.download_blob(name)
        return int(download.size), download.chunks()

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a blob, without line ends and without empty lines."""
        return split_lines(self.chunks(name))

    def open(self, name: str) -> "BlobReader":
        """A seekable file over a blob, for uploads that need one."""
        return BlobReader(self._container.get_blob_client(name))

    def sizes(self, prefix: str) -> dict[str, int]:
        """Sizes in bytes of the blobs whose name begins with `prefix`, by name, in order."""
        return {blob.name: int(blob.size) for blob in self._container.list_blobs(name_starts_with=prefix)}

    def is_empty(self) -> bool:
        return next(iter(self._container.list_blobs(results_per_page=1)), None) is None

    def older_than(self, before: datetime) -> Iterator[str]:
        """Names of the blobs that were last written before `before`."""
        return (blob.name for blob in self._container.list_blobs() if blob.last_modified < before)

    def delete(self, name: str) -> None:
        """Delete a blob if it exists."""
        try:
            self._container.delete_blob(name)
        except ResourceNotFoundError:
            return


class BlobWriter:
    """Writes a block blob in staged blocks. Readers see the whole blob from `commit` on, and nothing before.

    One block is uploaded while the next one is filled. If its upload fails, the next call raises the error.
    """

    def __init__(self, client: BlobClient, block_bytes: int = BLOCK_BYTES) -> None:
        self._client = client
        self._block_bytes = block_bytes
        self._buffer = bytearray()
        self._blocks: list[BlobBlock] = []
        self._under_way: Future[None] | None = None
        self.size = 0

    def write(self, data: bytes) -> None:
        self._buffer += data
        self.size += len(data)
        while len(self._buffer) >= self._block_bytes:
            block = bytes(self._buffer[: self._block_bytes])
            del self._buffer[: self._block_bytes]
            self._wait()
            self._under_way = _uploads.submit(self._stage, self._next_block(), block)

    def commit(self) -> int:
        """Make the written blocks the blob's content. Returns its size in bytes."""
        self._wait()
        if self._buffer:
            self._stage(self._next_block(), bytes(self._buffer))
            self._buffer.clear()
        self._client.commit_block_list(self._blocks)
        return self.size

    def _next_block(self) -> str:
        block_id = base64.b64encode(f"{len(self._blocks):08d}".encode()).decode()
        self._blocks.append(BlobBlock(block_id))
        return block_id

    def _stage(self, block_id: str, data: bytes) -> None:
        self._client.stage_block(block_id, data)

    def _wait(self) -> None:
        if self._under_way is not None:
            self._under_way.result()


class BlobReader(io.RawIOBase):
    """A seekable, read-only file over a blob. It takes about 2 MB of memory, not the size of the blob."""

    def __init__(self, client: BlobClient) -> None:
        self._client = client
        self._size = int(client.get_blob_properties().size)
        self._position = 0
        self._window = b""
        self._window_start = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        offset = self._position - self._window_start
        if not 0 <= offset < len(self._window):
            if self._position >= self._size:
                return 0
            length = min(READ_BYTES, self._size - self._position)
            self._window = self._client.download_blob(self._position, length).readall()
            self._window_start, offset = self._position, 0
        piece = self._window[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream of chunks, without line ends and without empty lines."""
    rest = bytearray()
    for chunk in chunks:
        rest += chunk
        if b"\n" not in chunk:
            continue
        *lines, tail = rest.split(b"\n")
        rest = bytearray(tail)
        yield from filter(None, (bytes(line).strip(b"\r") for line in lines))
    if last := bytes(rest).strip(b"\r"):
        yield last
