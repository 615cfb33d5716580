"""``ecorad plan``: what to do tomorrow; one file a problem."""

from __future__ import annotations

import typer

from . import plan_packs

app = typer.Typer(help="Work out what to do: which contrast packs to open, and when.")
app.command("packs")(plan_packs.plan_packs)


@app.callback()
def plan() -> None:
    """Work out what to do: which contrast packs to open, and when."""
