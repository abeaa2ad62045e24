"""The activity that imports a catalogue file."""

import azure.durable_functions as df

from shared.catalogue.file_import import import_catalogue_file
from shared.composition import get_services

bp = df.Blueprint()


@bp.activity_trigger(input_name="payload")
def import_rows(payload: str) -> str:
    """Input: import id. Output: the import's status."""
    return str(import_catalogue_file(get_services(), payload))
