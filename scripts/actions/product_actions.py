"""Products: where they stand, and making them wait to be written anew."""

from scripts.following import follow
from scripts.options import Options
from scripts.session import Session
from scripts.terminal_report import status_table


def look(session: Session) -> bool:
    """Products by category and status."""
    status = session.client.products_status()
    session.show(status, status_table(status))
    return True


def regenerate(session: Session, options: Options) -> bool:
    """Make the chosen products wait; the next run writes them anew."""
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
    where = started["location"]
    # There is no action for it: it takes seconds, and whatever it has not reached shows in the status.
    with session.watching(f"The request {started['requeueing']['requeueing_id']}", "--action status"):
        answer = follow(
            lambda: dict(session.client.call("GET", where)["requeueing"]),
            lambda requeueing: requeueing["status"] != "running",
            interval=0.5,
        )
    if answer["products"]:
        said = (
            f"{answer['products']} products wait to be written anew; what is published stays until then.\n"
            f"The next run takes them:\n  {session.command('--action pipeline')}"
        )
    else:
        said = "No product matches that is not waiting already; --action status shows what waits."
    session.show(answer, said)
    return bool(answer["status"] == "completed")
