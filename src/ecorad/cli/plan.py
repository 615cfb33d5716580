"""``ecorad plan``: what to do tomorrow; one file a problem."""

from __future__ import annotations

import typer

from . import plan_assign, plan_capacity, plan_packs, plan_power, plan_visits

app = typer.Typer(
    help="Work out what to do: modes of the night, contrast packs, exams on scanners, how many scanners, visits."
)
app.command("assign")(plan_assign.plan_assign)
app.command("capacity")(plan_capacity.plan_capacity)
app.command("packs")(plan_packs.plan_packs)
app.command("power")(plan_power.plan_power)
app.command("visits")(plan_visits.plan_visits)


@app.callback()
def plan() -> None:
    """Work out what to do: modes of the night, contrast packs, exams on scanners, how many scanners, visits."""
