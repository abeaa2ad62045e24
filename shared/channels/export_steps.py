"""The steps of an export: JSON Lines files, or the files of a channel."""

from shared.channels import channel_export, jsonl_export
from shared.domain.task import Export
from shared.services import Services


def export_category(services: Services, category: str, export: Export) -> int:
    """Export the products of a category. Returns how many. It may safely be called again."""
    write = channel_export.write_category if export.channel else jsonl_export.export_category
    return write(services, category, export)


def finish_export(services: Services, export: Export) -> None:
    """Make the files of the categories one zip file, where the export goes to a channel."""
    if export.channel:
        channel_export.assemble(services, export)


def tidy_export(services: Services, export: Export) -> None:
    """Delete what was needed only to make the zip file, once the record says that it is there."""
    if export.channel:
        channel_export.delete_pieces(services, export)
