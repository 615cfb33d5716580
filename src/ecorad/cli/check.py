"""``ecorad check``: what must not be done; one file a question."""

from __future__ import annotations

import typer

from . import check_choice, check_contrast, check_history, check_orders

app = typer.Typer(help="Ask whether an examination is safe as planned: contrast, order, dose.")
app.command("contrast")(check_contrast.check_contrast)
app.command("order")(check_orders.check_order)
app.command("dose")(check_orders.check_dose)
app.command("choice")(check_choice.check_choice)
app.command("history")(check_history.check_history)


@app.callback()
def check() -> None:
    """Ask whether an examination is safe as planned: contrast, order, dose."""
