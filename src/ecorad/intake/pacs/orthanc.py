"""Orthanc by its list of changes: each new object once, as the file it is, without its pixel data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ecorad.intake.sources import Input
from ecorad.model import StoreError

from .told import Batch, untold_input
from .until_pixels import spooled
from .web import Broken, Gone, Web

_PAGE = 200
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")


def batches(web: Web, state: Mapping[str, Any], spool: Path, name: str) -> Iterator[Batch]:
    """New objects since the last pull, a page of changes at a time.

    Parameters
    ----------
    web : Web
        The server.
    state : mapping
        ``since``: sequence number of the last change that was taken.
    spool : Path
        Folder for headers on their way; each batch's files may be removed once it is committed.
    name : str
        Of the archive.
    """
    since = int(state.get("since", 0))
    while True:
        page = web.json("/changes", {"since": str(since), "limit": str(_PAGE)})
        if not isinstance(page, dict) or not isinstance(page.get("Changes"), list):
            raise StoreError("this is no Orthanc server", code="ecorad.pull.no_answer")
        batch = Batch([], {})
        for change in page["Changes"]:
            if isinstance(change, dict) and change.get("ChangeType") == "NewInstance":
                _take(web, str(change.get("ID")), spool, name, batch)
        last = int(page.get("Last", since))
        is_done = bool(page.get("Done", True)) or last <= since
        since = max(since, last)
        batch.state = {"since": since}
        yield batch
        if is_done:
            return


def _take(web: Web, id_: str, spool: Path, name: str, batch: Batch) -> None:
    if not _ID.fullmatch(id_):
        return
    number = len(batch.inputs)
    try:
        with web.stream(f"/instances/{id_}/file") as (chunks, length):
            path = spool / f"{number}.dcm"
            size = spooled(chunks, length, path)
    except Gone:
        batch.gone += 1
        return
    except Broken:
        batch.inputs.append(untold_input(name, id_))
        return
    batch.inputs.append(Input(f"{name}/{id_}", f"{name}.dcm", size, path=str(path)))
