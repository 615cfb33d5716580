"""The page of dose alerts: what ``ecorad alerts`` told, by room; no study and no patient stands on it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ecorad.ledger import Workspace
from ecorad.model import StoreError

from .kit import render, texts

if TYPE_CHECKING:
    from ecorad.reporting.alerts import Told

# An alert is marked while a server may be writing what came in, which takes a moment at a time. [s]
PATIENCE_S = 10.0


class AlertsPage:
    """Draws the page and marks what was seen.

    Parameters
    ----------
    workspace : Workspace
        Where the alerts are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def html(self, token: str, *, can_change: bool) -> str:
        """The page; ``token`` must come back with every change."""
        from ecorad.reporting.alerts import looked_at, read_told

        site, trouble = self._workspace.site, None
        told: tuple[Told, ...] = ()
        try:
            told = read_told(self._workspace.ledger_path)
        except StoreError as error:
            trouble = error.code
        at = looked_at(self._workspace.ledger_path)
        return render(
            "alerts",
            language=site.language,
            can_change=can_change,
            site=site.name,
            token=token,
            trouble=trouble,
            looked_on=at and at.astimezone(site.zone).strftime("%Y-%m-%d"),
            rooms=_by_room(told, site.language),
        )

    def see(self, number: str) -> bool:
        """Mark one alert as seen; whether there is such a one.

        Raises
        ------
        WorkspaceBusyError
            If another process goes on writing.
        """
        from ecorad.model import UnknownNameError
        from ecorad.reporting.alerts import see

        try:
            see(self._workspace, (number,), datetime.now(self._workspace.site.zone).date(), patience_s=PATIENCE_S)
        except UnknownNameError:
            return False
        return True


def _by_room(told: tuple[Told, ...], language: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Rows of each room, those still open first, newest first."""
    rooms: dict[str, list[Told]] = {}
    for one in told:
        rooms.setdefault(one.room, []).append(one)
    return [
        (room, [_row(one, language) for one in sorted(mine, key=_place, reverse=True)])
        for room, mine in sorted(rooms.items())
    ]


def _place(one: Told) -> tuple[bool, str, str]:
    return one.seen_on is None, one.told_on, one.id


def _row(one: Told, language: str) -> dict[str, Any]:
    """One alert without its cause, study and patient."""
    from ecorad.reporting.messages import messages
    from ecorad.reporting.sections.dose import said_in

    catalogue = messages(language)
    return {
        "id": one.id,
        "kind": texts(language)["alerts"]["kind"].get(one.kind, one.kind),
        "quantity": catalogue.text(f"dose.{one.quantity}"),
        "value": said_in(catalogue.locale, one.quantity, one.value),
        "usual": said_in(catalogue.locale, one.quantity, one.usual),
        "told_on": one.told_on,
        "seen_on": one.seen_on,
        "holds": one.holds,
    }
