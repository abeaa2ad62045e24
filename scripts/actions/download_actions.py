"""Files of a batch from their signed addresses onto the disk."""

from pathlib import Path
from typing import Any

import requests

from scripts.transport import OutOfReach
from scripts.upload import UploadFailed

_CHUNK = 1024 * 1024
_TIMEOUT = (5, 60)

Json = dict[str, Any]


class DownloadFailed(UploadFailed):
    """The storage account did not give the file; the text never holds the signed address."""


def download(parts: list[Json], target: Path) -> int:
    """Write the parts one after another into `target`, which is replaced at the end; the answer is its size.

    Raises:
        DownloadFailed: when the storage account refuses, or the disk does.
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
                    "A signed address works for some minutes only; give the same command again."
                )
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
    except requests.RequestException as error:
        # Its text would hold the signed address.
        raise OutOfReach(
            f"The storage account did not give {part['name']} ({type(error).__name__}); "
            "give the same command again."
        ) from None
