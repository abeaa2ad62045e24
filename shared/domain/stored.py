"""The version of stored data, and the base of everything that is stored. See docs/stored-data.md."""

from typing import Any

from pydantic import BaseModel

# 1: the data of release 0.1.0, which carries no version.
# 2: every row and every line that the app writes carries `schema_version`.
STORE_VERSION = 2

# The name of the property that holds the version, in rows and in lines.
VERSION_FIELD = "schema_version"


class Stored(BaseModel):
    """The base of every model that is stored, as a row of a table or as a line of a blob.

    A reader fills absent fields with their defaults and ignores unknown ones, so a new field needs a default
    and no new version. Any other change of the stored form raises `STORE_VERSION` and overrides `upgrade`.
    """

    @classmethod
    def upgrade(cls, values: dict[str, Any], version: int) -> dict[str, Any]:  # noqa: ARG003 - see above
        """The stored `values` of an older `version`, brought into today's form. They are not validated yet.

        It runs at every read of an older row. The row itself changes when it is written the next time.
        """
        return values
