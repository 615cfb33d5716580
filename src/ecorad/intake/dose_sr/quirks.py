"""What makers do in their own way: one small function each, with its reason."""

from __future__ import annotations

from . import codes
from .tree import Node

_MOVING = frozenset({"fluoroscopy", "rotational", "stepping", "cone beam"})


def projection_modality(deep: Node, events: list[Node]) -> str:
    """XA, RF or DX of a projection report, by what was done.

    One room may send a radiograph and a fluoroscopy under the same model name, so only the content tells. Fluoroscopy,
    a run or a fluoroscopy time above 0 is RF; with two planes, or where the C-arm's angle and its isocentre are given,
    it is XA. The rest is DX.
    """
    kinds = {codes.EVENT_TYPES.get(node.value_code(codes.EVENT_TYPE) or "") for node in events}
    fluoroscopy_s = max((node.measured("s", 0.0, 1e6) or 0.0 for node in deep.all(codes.FLUORO_TIME)), default=0.0)
    if not kinds & _MOVING and fluoroscopy_s == 0.0:
        return "DX"
    planes = {codes.PLANES.get(node.value_code(codes.PLANE) or "") for node in events}
    if planes & {"A", "B"}:
        return "XA"
    angled = any(
        node.signed(codes.POSITIONER_ANGLE, "deg", 360.0) is not None
        and node.number(codes.SOURCE_TO_ISOCENTER, "mm", 1e4) is not None
        for node in events
    )
    return "XA" if angled else "RF"
