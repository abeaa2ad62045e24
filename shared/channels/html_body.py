"""The HTML body of a product in one locale, from a template that a shop can replace (`BODY_TEMPLATE`)."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared.channels.channel_text import channel_text
from shared.channels.export_item import ExportItem
from shared.channels.labels import labels_of
from shared.channels.product_identifiers import Identifiers
from shared.content.content_records import ServedContent
from shared.content.sections import BasicInfo, LocaleContent, MaintenanceCare, PurchaseDecision, Reason
from shared.domain.product import Product

Body = Callable[[ExportItem, str], str]


class BadTemplate(ValueError):
    """The body template cannot be read or used. The text names the file and the reason."""


def body_writer(path: str = "") -> Body:
    """A function `(item, locale) -> HTML` with the template at `path`, or with the one of the app.

    Values are escaped by the template engine, and a template can reach nothing but its values. The HTML is
    one line, so that it is the same in every kind of file.

    Raises:
        BadTemplate: when the template cannot be read or parsed; the function raises it for one that asks for
            a value that does not exist.
    """
    template = _template(path)

    def body(item: ExportItem, locale: str) -> str:
        try:
            html = template.render(
                text=item.texts[locale],
                product=item.product.prompt_record(),
                specs=item.specs,
                labels=labels_of(locale).sections,
                locale=locale,
            )
        except TemplateError as error:
            raise BadTemplate(f"BODY_TEMPLATE {path}: {error.message}") from error
        return " ".join(html.split())

    return body


def check_template(path: str) -> None:
    """Fill the template with an example, so that a bad one is refused before an export begins.

    Raises:
        BadTemplate: when it cannot be read, parsed or filled.
    """
    locale = "en-GB"
    product = Product(product_id="x", sku="x", name="x", slug="x", category="x", specs={"x": "x"})
    content = LocaleContent(
        basic_info=BasicInfo(overview="x", key_features=["x"]),
        purchase_decision=PurchaseDecision(why_buy=[Reason(title="x", description="x")]),
        maintenance_care=MaintenanceCare(care_instructions="x"),
    )
    text = channel_text(locale, content, None)
    item = ExportItem(product, Identifiers(), product.specs, {locale: text}, ServedContent())
    try:
        body_writer(path)(item, locale)
    except BadTemplate:
        raise
    except (TypeError, ValueError, ArithmeticError) as error:
        raise BadTemplate(f"BODY_TEMPLATE {path}: {error}") from error


@cache
def _template(path: str) -> Template:
    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        own = files("shared.channels").joinpath("templates/body.html.j2")
        return environment.from_string((Path(path) if path else own).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadTemplate(f"BODY_TEMPLATE {path} cannot be read: {error}") from error
    except TemplateError as error:
        raise BadTemplate(f"BODY_TEMPLATE {path}: {error.message}") from error
