"""The options that every client of the API has: the service's address and its key."""

from typing import Annotated

import typer

DEFAULT_BASE_URL = "http://127.0.0.1:7071"

BaseUrl = Annotated[str, typer.Option(envvar="BASE_URL", help="where the app answers")]
ApiKey = Annotated[str, typer.Option(envvar="API_KEY", help="one of the app's keys", show_default=False)]
