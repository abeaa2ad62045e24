"""Downloads a batch's files from their signed addresses."""

from pathlib import Path
from typing import Any

import requests

from scripts.transport import OutOfReach
from scripts.upload import UploadFailed

_CHUNK = 1024 * 1024
_TIMEOUT = (5, 60)

Json = dict[str, Any]


class DownloadFailed(UploadFailed):
    """The storage account did not return the file. The text never holds the signed address."""


def download(parts: list[Json], target: Path) -> int:
    """Write the parts one after another into `target`, which is replaced when all are there.

    Returns its size in bytes.

    Raises:
        DownloadFailed: when the storage account refuses, or the file cannot be written.
        OutOfReach: when the storage account does not answer.
    """
    partial = target.with_name(target.name + ".part")
    try:
        with partial.open("wb") as file:
            for part in parts:
                _append(part, file)
            written = file.tell()
        partial.replace(target)
    except OSError as error:
        raise DownloadFailed(f"{target} cannot be written: {error.strerror or error}.") from None
    finally:
        partial.unlink(missing_ok=True)
    return written


def _append(part: Json, file: Any) -> None:
    try:
        with requests.get(part["url"], stream=True, timeout=_TIMEOUT) as response:
            if not response.ok:
                raise DownloadFailed(
                    f"The storage account refused {part['name']} (HTTP {response.status_code}). "
                    "A signed address expires after a few minutes. Run the same command again."
                )
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
    except requests.RequestException as error:
        # The text of the error would hold the signed address.
        raise OutOfReach(
            f"The storage account did not return {part['name']} ({type(error).__name__}). "
            "Run the same command again."
        ) from None
