"""Products: their states, and marking them to be regenerated."""

from scripts.following import follow
from scripts.options import Options
from scripts.report_tables import status_table
from scripts.session import Session


def look(session: Session) -> bool:
    """Print the numbers of products by category and status."""
    status = session.client.products_status()
    session.show(status, status_table(status))
    return True


def regenerate(session: Session, options: Options) -> bool:
    """Mark the chosen products as waiting. The next run regenerates them."""
    chosen = {
        "product_ids": options.product_id,
        "categories": options.category,
        "brand": options.brand,
        "locales": options.locale,
        "prompt_version": options.prompt_version,
        "model": options.model,
        "outcome": options.outcome,
    }
    body = {name: value for name, value in chosen.items() if value}
    started = session.client.call("POST", "/api/v1/products/regenerate", json=body)
    location = started["location"]
    # No action shows this request later: it takes seconds, and `--action status` shows its effect.
    with session.watching(f"The request {started['requeueing']['requeueing_id']}", "--action status"):
        answer = follow(
            lambda: dict(session.client.call("GET", location)["requeueing"]),
            lambda requeueing: requeueing["status"] != "running",
            interval=0.5,
        )
    if answer["products"]:
        message = (
            f"{answer['products']} products wait to be regenerated. Their published texts stay until then.\n"
            f"The next run takes them:\n  {session.command('--action pipeline')}"
        )
    else:
        message = "No product matches that is not waiting already. --action status shows what waits."
    session.show(answer, message)
    return bool(answer["status"] == "completed")
