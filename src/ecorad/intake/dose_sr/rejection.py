"""Key object selections that reject images (PS3.3 C.17.6, IHE image object change management)."""

from __future__ import annotations

from ecorad.model import Rejection

from . import codes
from .context import Context
from .tree import Node

_REASON = "DCM:113011"


def read(root: Node, context: Context) -> tuple[Rejection, ...]:
    """One row an object that the selection rejects; none for selections made for another purpose."""
    kind = codes.REJECTIONS.get(root.code)
    if kind is None:
        return ()
    why = root.value_code(_REASON)
    instance = context.instance
    uids = dict.fromkeys(uid for node in root.flat().every() for uid in node.referenced())
    keys = [context.pseudonymiser.key("instance", uid) for uid in uids]
    return tuple(
        Rejection(
            record_key=key,
            source_digest=instance.source_digest,
            event_time_utc=instance.event_time_utc,
            event_zone=instance.event_zone,
            study_key=instance.study_key,
            instance_key=key,
            kind=kind,
            reason=None if why is None else codes.REASONS.get(why, "other"),
        )
        for key in keys
    )
