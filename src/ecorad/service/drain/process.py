"""The process that works off the journal while the server listens."""

from __future__ import annotations

import contextlib
import os
import time
from multiprocessing.synchronize import Event
from pathlib import Path

from ecorad.ledger import Workspace
from ecorad.model import EcoradError, WorkspaceBusyError

from .drainer import METER_WINDOW_S, Drainer
from .publish import publish

_PAUSE_S = 1.0
_PUBLISH_S = 5.0
_LONGEST_PAUSE_S = 60.0


def run(path: str, stop: Event, server: int, meter_window_s: float = METER_WINDOW_S) -> None:
    """Work off what arrives in a workspace until told to stop, or until the process ``server`` is gone."""
    pause, drainer, published = _PAUSE_S, None, 0.0
    workspace = Workspace.open(Path(path))
    while not stop.wait(pause) and os.getppid() == server:
        trouble = None
        try:
            drainer = drainer or Drainer(workspace, meter_window_s=meter_window_s)
            taken = drainer.drain()
            pause = 0.0 if taken else _PAUSE_S
        except WorkspaceBusyError:
            taken, pause = 0, _PAUSE_S  # somebody else writes: later
        except (EcoradError, OSError) as error:
            # The journal keeps what could not be worked off; the ledger may be mended or have room again later.
            taken, trouble = 0, getattr(error, "code", "ecorad.store")
            pause = min(_LONGEST_PAUSE_S, max(2.0, 2 * pause))
            _close(drainer)
            drainer = None
        if drainer is not None and (taken or trouble or time.monotonic() - published > _PUBLISH_S):
            published = time.monotonic()
            with contextlib.suppress(OSError, EcoradError):
                publish(workspace, drainer.state, trouble=trouble)
    _close(drainer)


def _close(drainer: Drainer | None) -> None:
    if drainer is not None:
        drainer.close()
