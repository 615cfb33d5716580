"""What sources of an archive share: batches with the place to go on from, and metadata as inputs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ecorad.intake.sources import Input

_UID = re.compile(r"[0-9.]{1,64}")


@dataclass(slots=True)
class Batch:
    """Inputs that are committed together, and the state that holds once they are.

    ``gone`` counts what was deleted meanwhile; ``is_whole`` is false where something could not be told.
    """

    inputs: list[Input]
    state: dict[str, Any]
    gone: int = 0
    is_whole: bool = True


def told_input(name: str, number: int, told: Mapping[str, Any]) -> Input:
    """The metadata of one object as an input; the same metadata always gives the same bytes."""
    content = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
    return Input(f"{name}/{number}", f"{name}.json", len(content), content=content)


def untold_input(name: str, uid_: str) -> Input:
    """What an archive has and cannot tell of: counted and set aside, and asked for again by the next pull."""
    return Input(f"{name}/{uid_}", f"{name}.json", 0, trouble="ecorad.pull.untold")


def value(told: Mapping[str, Any], tag: str) -> str:
    """The first value of an element in the DICOM JSON model as text; empty where there is none."""
    element = told.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return str(values[0]).strip(" \0") if isinstance(values, list) and values and values[0] is not None else ""


def uid(told: Mapping[str, Any], tag: str) -> str | None:
    """A UID that may stand in an address; ``None`` for anything else."""
    found = value(told, tag)
    return found if _UID.fullmatch(found) else None


def days(first: date, last: date) -> Iterator[date]:
    """Every day of a span, both ends included."""
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def objects(answer: Any) -> Sequence[Mapping[str, Any]]:
    """The objects of an answer; whatever else is in it is left out."""
    return [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
