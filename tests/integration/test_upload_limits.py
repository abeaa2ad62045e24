"""Uploaded files have a limit by format."""

import pytest

from shared.domain.errors import NotFound, PayloadTooLarge
from shared.services import Services
from triggers.http import imports
from triggers.schemas.import_schemas import FileFormat, ImportQuery


def test_an_uploaded_file_over_the_limit_of_its_format_is_refused(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "_LARGEST_UPLOAD", {FileFormat.CSV: 100, FileFormat.JSON: 10})
    for kind in ("csv", "json"):
        services.blobs.write(f"uploads/1.{kind}", [b"x" * 50])
    report = imports._create_from_upload(services, "uploads/1.csv", ImportQuery(full_feed=True, dry_run=True))
    assert (report.format, report.full_feed, report.dry_run) == ("csv", True, True)
    with pytest.raises(PayloadTooLarge, match="50 bytes; the limit is 10"):
        imports._create_from_upload(services, "uploads/1.json", ImportQuery())
    with pytest.raises(NotFound):
        imports._create_from_upload(services, "uploads/2.csv", ImportQuery())
