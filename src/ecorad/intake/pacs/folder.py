"""A watched folder as an archive: each pull takes what has come and rested since the last one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ecorad.intake import watch
from ecorad.intake.identity import Pseudonymiser
from ecorad.model.pacs import PacsEntry

from .told import Batch

_TOGETHER = 500


def batches(entry: PacsEntry, state: Mapping[str, Any], pseudonymiser: Pseudonymiser) -> Iterator[Batch]:
    """New files, some hundred at a time.

    The state keeps a keyed pseudonym of each path, since paths name patients, and its mark.
    """
    folder = Path(entry.path)
    marks: dict[str, str] = dict(state.get("marks", {}))
    batch = Batch([], {})
    names = _unmarked(folder, marks, entry, pseudonymiser)
    for name, key, mark in names:
        batch.inputs.extend(watch.inputs(folder, name))
        marks[key] = mark
        if len(batch.inputs) >= _TOGETHER:
            batch.state = {"marks": dict(marks)}
            yield batch
            batch = Batch([], {})
    batch.state = {"marks": marks}
    yield batch


def _unmarked(
    folder: Path, marks: Mapping[str, str], entry: PacsEntry, pseudonymiser: Pseudonymiser
) -> Iterator[tuple[str, str, str]]:
    found = list(watch.ready(folder, {}, settle_s=entry.settle_s, now=time.time()))
    for name, mark in found:
        key = pseudonymiser.key("path", name) if not pseudonymiser.retain else name
        if marks.get(key) != mark:
            yield name, key, mark
