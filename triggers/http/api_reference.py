"""HTTP: the API reference, as OpenAPI for programs and as a page for people."""

import html
from typing import Any

import azure.durable_functions as df
import orjson

from triggers.api.json_responses import JSON
from triggers.api.openapi import document
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import Scope

bp = df.Blueprint()

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
section { border-top: 1px solid; margin-top: 1.5rem; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; }
code { font: 14px/1.4 ui-monospace, monospace; }
"""


@operation(bp, "GET", "v1/openapi.json", scope=Scope.OPEN, responses={200: JSON})
def openapi_description(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Return the OpenAPI 3.1 document of this API."""
    return Reply(orjson.dumps(document(), option=orjson.OPT_INDENT_2))


@operation(bp, "GET", "v1/docs", scope=Scope.OPEN, responses={200: "text/html"})
def reference_page(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Return the reference of this API as a web page."""
    entries = (
        _section(path, method, entry)
        for path, methods in document()["paths"].items()
        for method, entry in methods.items()
    )
    title = html.escape(document()["info"]["title"])
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}: HTTP API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{title}: HTTP API</h1><p>Calls marked “key” need an API key in "
        'the header <code>X-API-Key</code>. For programs: <a href="openapi.json">openapi.json</a>.</p>'
        + "".join(entries)
    )
    return Reply(page.encode(), headers={"Content-Security-Policy": _POLICY}, media_type="text/html")


def _section(path: str, method: str, entry: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{html.escape(parameter['name'])}</code><td>{html.escape(_type(parameter['schema']))}"
        f"<td>{html.escape(parameter.get('description', ''))}"
        for parameter in entry["parameters"]
    )
    responses = ", ".join(
        f"{status} {html.escape(described['description'])}"
        for status, described in entry["responses"].items()
    )
    key = "no key" if not entry["security"] else "key"
    return (
        f"<section><h2><code>{method.upper()} {html.escape(path)}</code></h2>"
        f"<p><b>{html.escape(entry['summary'])}</b> ({key})</p>"
        f"<p>{html.escape(entry.get('description', ''))}</p>"
        + (f"<table><tr><th>parameter<th>type<th>meaning{rows}</table>" if rows else "")
        + f"<p>Responses: {responses}.</p></section>"
    )


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    bounds = [
        f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema
    ]
    return " ".join([schema.get("type", "any"), *bounds])
