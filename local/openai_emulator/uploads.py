"""Reads multipart uploads and streams them to disk.

Sources: OpenAI API reference "Upload file"; learn.microsoft.com for the expiry. The SDK names the expiry's
form field `expires_after[seconds]`, the REST pages `expires_after.seconds`.
"""

import re
import uuid
from pathlib import Path

from aiohttp import BodyPartReader, web

from local.openai_emulator import refusals
from local.openai_emulator.emulator_store import Store
from local.openai_emulator.file_records import Upload
from local.openai_emulator.job_requests import check_expiry, invalid
from local.openai_emulator.refusals import Refusal

_CHUNK = 256 * 1024
_EXPIRY_FIELD = re.compile(r"expires_after[.\[](anchor|seconds)\]?")


async def read_upload(request: web.Request, store: Store, maximum: int, with_expiry: bool) -> Upload:
    """Read the upload in `request`. With `with_expiry=False` its expiry is ignored.

    Raises:
        Refusal: when the service would refuse the upload.
    """
    if not request.content_type.startswith("multipart/"):
        raise invalid("The request must be multipart/form-data.")
    path = store.incoming_path(uuid.uuid4().hex)
    fields: dict[str, str] = {}
    filename, size, complaint = "", -1, ""
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise invalid("Nested multipart bodies are not supported.")
            if part.name != "file":
                fields[part.name or ""] = await part.text()
                continue
            filename = part.filename or ""
            if "Content-Type" not in part.headers:
                complaint = "The file part needs a Content-Type."
            size = await _save(part, path, maximum)
        if size > maximum:
            raise Refusal(refusals.FILE_TOO_LARGE, maximum=maximum)
        _check(fields, filename, size, complaint)
        return Upload(path, filename, size, _expiry(fields) if with_expiry else None)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _save(part: BodyPartReader, path: Path, maximum: int) -> int:
    """Write the part to `path` and return its size. Bytes beyond `maximum` are read but not kept."""
    size = 0
    with path.open("wb") as file:
        while chunk := await part.read_chunk(_CHUNK):
            size += len(chunk)
            if size <= maximum:
                file.write(chunk)
    return size


def _check(fields: dict[str, str], filename: str, size: int, complaint: str) -> None:
    if size < 0:
        raise invalid("The file is missing.")
    if complaint:
        raise invalid(complaint)
    if fields.get("purpose") != "batch":
        raise invalid(f"Invalid value for purpose: '{fields.get('purpose', '')}'.")
    if not filename.endswith(".jsonl"):
        raise invalid("Invalid file format: the name of a batch file must end in '.jsonl'.")


def _expiry(fields: dict[str, str]) -> int | None:
    given = {}
    for name, value in fields.items():
        if found := _EXPIRY_FIELD.fullmatch(name):
            given[found[1]] = value
    if not given:
        return None
    if given.get("anchor") != "created_at" or not given.get("seconds", "").isdigit():
        raise invalid("expires_after needs the anchor 'created_at' and seconds.")
    return check_expiry(int(given["seconds"]))
