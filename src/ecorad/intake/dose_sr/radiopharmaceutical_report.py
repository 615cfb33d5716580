"""Reports of what was injected for nuclear medicine (TID 10021, 10022)."""

from __future__ import annotations

from typing import Any

from . import codes
from .context import Context
from .tree import Node

_MAX_MBQ, _MAX_HALF_LIFE_S = 1e5, 1e12


def read(root: Node, context: Context) -> tuple[str | None, list[dict[str, Any]]]:
    """Administrations into ``context``; the modality (PT for a positron emitter, else NM), and the totals."""
    activities: list[float | None] = []
    modality = "NM"
    for place, container in enumerate(root.all(codes.ADMINISTRATION)):
        node = container.flat()
        started, zone = context.zone.utc(node.date_time(codes.ADMINISTERED_START))
        activity = node.number(codes.ACTIVITY, "MBq", _MAX_MBQ)
        activities.append(activity)
        if node.value_code(codes.NUCLIDE) in codes.POSITRON_EMITTERS:
            modality = "PT"
        uid = node.uid(codes.ADMINISTRATION_UID)
        context.event(
            context.event_key(uid, "administration", started, activity, place),
            started=started,
            zone=zone,
            plane=None,
            modality=modality,
            event_type="administration",
            body_region=context.instance.body_region,
            activity_mbq=activity,
            effective_dose_msv=node.number(codes.EFFECTIVE, "mSv", 1e4),
        )
    known = [activity for activity in activities if activity is not None]
    total = sum(known) if known and len(known) == len(activities) else None
    return modality, [{"plane": None, "activity_mbq": total}]


def half_life_s(root: Node) -> float | None:
    """Half-life of the nuclide of the first administration. [s]"""
    container = root.first(codes.ADMINISTRATION)
    return None if container is None else container.flat().number(codes.HALF_LIFE, "s", _MAX_HALF_LIFE_S)
