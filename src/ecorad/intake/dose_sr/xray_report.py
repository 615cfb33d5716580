"""X-ray dose reports, CT and projection (TID 10001 to 10015), and enhanced ones (TID 10040 to 10043)."""

from __future__ import annotations

from typing import Any

from . import codes
from .accumulated import one_a_plane
from .completeness import QUANTITIES
from .context import Context
from .quirks import projection_modality
from .tree import Node

# What is possible, an order of magnitude above what has been reported of the worst examinations.
_MAX_DLP, _MAX_CTDI, _MAX_DAP, _MAX_RP_GY, _MAX_AGD, _MAX_MSV = 1e5, 5e3, 1.0, 100.0, 500.0, 1e4
_MAX_SECONDS, _MAX_CT_SECONDS, _MAX_KV, _MAX_MA, _MAX_MAS, _MAX_COUNT, _MAX_MM = (
    86_400.0,
    600.0,
    400.0,
    5e3,
    1e6,
    1e6,
    1e4,
)


def read(root: Node, context: Context) -> tuple[str | None, list[dict[str, Any]]]:
    """Events into ``context``; the modality, and the totals of each plane.

    Parameters
    ----------
    root : Node
        The report.
    context : Context
        Of its object.
    """
    # Enhanced reports may hold their events deeper.
    deep = root.flat()
    ct_events = deep.all(codes.CT_EVENT)
    events = [node.flat() for node in (*deep.all(codes.XRAY_EVENT), *deep.all(codes.ENHANCED_EVENT))]
    modality = _modality(root, deep, events, bool(ct_events))
    for place, node in enumerate(ct_events):
        _ct_event(node.flat(), context, place)
    # A room with both kinds of tube may tell of both in one report.
    projected = projection_modality(deep, events) if modality == "CT" else modality
    for place, node in enumerate(events):
        _projection_event(node, context, projected, place)
    return modality, one_a_plane(_totals(deep), _listed(context), context.notes)


def _modality(root: Node, deep: Node, events: list[Node], has_ct: bool) -> str | None:
    procedure = root.value_code(codes.PROCEDURE)
    if has_ct or procedure == codes.CT_PROCEDURE:
        return "CT"
    if procedure == codes.MAMMOGRAPHY_PROCEDURE or deep.first(codes.AGD_TOTAL, codes.AGD) is not None:
        return "MG"
    return projection_modality(deep, events)


def _listed(context: Context) -> dict[str, float]:
    """What the events make together; nothing for a quantity that none of them tells."""
    found = {}
    for name in QUANTITIES:
        values = [value for event in context.events if (value := getattr(event, name)) is not None]
        if values:
            found[name] = sum(values)
    return found


def _totals(deep: Node) -> list[dict[str, Any]]:
    rows = [{"plane": None, **_ct_totals(node.flat())} for node in deep.all(codes.CT_ACCUMULATED)]
    for node in deep.all(codes.XRAY_ACCUMULATED, codes.ENHANCED_ACCUMULATED):
        plane = node.named(codes.PLANE, codes.PLANES)
        rows.append({"plane": plane, **_projection_totals(node.flat())})
    return rows or [{"plane": None}]


def _ct_totals(node: Node) -> dict[str, Any]:
    return {
        "events_declared": _whole(node.number(codes.EVENT_COUNT, "1", _MAX_COUNT)),
        "dlp_mgy_cm": node.number(codes.DLP_TOTAL, "mGy.cm", _MAX_DLP),
        "effective_dose_msv": node.number(codes.CT_EFFECTIVE_TOTAL, "mSv", _MAX_MSV),
    }


def _projection_totals(node: Node) -> dict[str, Any]:
    glandular: dict[str, float | None] = {}
    for breast in node.all(codes.AGD_TOTAL):
        side = breast.named(codes.LATERALITY, codes.LATERALITIES)
        if side in {"left", "right"}:
            glandular[f"glandular_{side}_mgy"] = breast.measured("mGy", 0.0, _MAX_AGD)
    return {
        "events_declared": _whole(node.number(codes.EVENT_COUNT, "1", _MAX_COUNT)),
        "dose_area_product_gy_m2": node.number(codes.DAP_TOTAL, "Gy.m2", _MAX_DAP),
        "dose_rp_gy": node.number(codes.RP_TOTAL, "Gy", _MAX_RP_GY),
        "fluoroscopy_s": node.number(codes.FLUORO_TIME, "s", _MAX_SECONDS),
        "acquisition_s": node.number(codes.ACQUISITION_TIME, "s", _MAX_SECONDS),
        "frames": _whole(node.number(codes.FRAMES, "1", _MAX_COUNT)),
        **glandular,
    }


def _ct_event(node: Node, context: Context, place: int) -> None:
    started, zone = context.zone.utc(node.date_time(codes.STARTED))
    dlp = node.number(codes.DLP, "mGy.cm", _MAX_DLP)
    uid = node.uid(codes.EVENT_UID, codes.OTHER_EVENT_UID)
    if uid is None:
        context.notes.add("ecorad.dose_sr.no_event_uid", codes.EVENT_UID)
    context.event(
        context.event_key(uid, "ct", started, dlp, place),
        started=started,
        zone=zone,
        plane=None,
        modality="CT",
        event_type=node.named(codes.ACQUISITION_TYPE, codes.EVENT_TYPES),
        scan_length_mm=node.number(codes.SCAN_LENGTH, "mm", _MAX_MM),
        pitch=node.number(codes.PITCH, "1", 20.0),
        dlp_mgy_cm=dlp,
        ctdi_vol_mgy=node.number(codes.CTDI, "mGy", _MAX_CTDI),
        phantom=node.named(codes.PHANTOM, codes.PHANTOMS),
        ssde_mgy=node.number(codes.SSDE, "mGy", _MAX_CTDI),
        water_equivalent_diameter_mm=node.number(codes.WATER_DIAMETER, "mm", 1e3),
        effective_dose_msv=node.number(codes.EFFECTIVE, "mSv", _MAX_MSV),
        **_common(node, context, _MAX_CT_SECONDS),
    )


def _projection_event(node: Node, context: Context, modality: str | None, place: int) -> None:
    started, zone = context.zone.utc(node.date_time(codes.STARTED))
    plane = node.named(codes.PLANE, codes.PLANES)
    dap = node.number(codes.DAP, "Gy.m2", _MAX_DAP)
    uid = node.uid(codes.EVENT_UID, codes.OTHER_EVENT_UID)
    if uid is None:
        context.notes.add("ecorad.dose_sr.no_event_uid", codes.EVENT_UID)
    context.event(
        context.event_key(uid, "xray", started, plane, dap, place),
        started=started,
        zone=zone,
        plane=plane,
        modality=modality,
        event_type=node.named(codes.EVENT_TYPE, codes.EVENT_TYPES),
        laterality=node.named(codes.LATERALITY, codes.LATERALITIES),
        view=node.named(codes.VIEW, codes.VIEWS),
        pulses=_whole(node.number(codes.PULSES, "1", _MAX_COUNT)),
        dose_area_product_gy_m2=dap,
        dose_rp_gy=node.number(codes.RP_DOSE, "Gy", _MAX_RP_GY),
        reference_point=node.named(codes.REFERENCE_POINT, codes.REFERENCE_POINTS),
        average_glandular_dose_mgy=node.number(codes.AGD, "mGy", _MAX_AGD),
        entrance_dose_mgy=node.number(codes.ENTRANCE, "mGy", 1e3),
        compression_mm=node.number(codes.THICKNESS, "mm", 500.0),
        exposure_index=node.number(codes.EXPOSURE_INDEX, "1", 1e6),
        target_exposure_index=node.number(codes.TARGET_INDEX, "1", 1e6),
        deviation_index=node.signed(codes.DEVIATION_INDEX, "1", 100.0),
        **_common(node, context, _MAX_SECONDS),
    )


def _common(node: Node, context: Context, longest_s: float) -> dict[str, Any]:
    """What events of every kind may say."""
    for place in (codes.TARGET, codes.ANATOMY):
        node.note_scheme(place)
    target = codes.region(node.value_code(codes.TARGET) or "") or codes.region(node.value_code(codes.ANATOMY) or "")
    irradiation = node.number(codes.IRRADIATION_TIME, "s", longest_s)
    return {
        "body_region": target or context.instance.body_region,
        "protocol_name": node.text(codes.PROTOCOL),
        "irradiation_s": node.number(codes.EXPOSURE_TIMES, "s", longest_s) if irradiation is None else irradiation,
        "kvp": node.largest(codes.KVP, "kV", _MAX_KV),
        "tube_current_ma": node.largest(codes.TUBE_CURRENT, "mA", _MAX_MA),
        "exposure_mas": node.number(codes.EXPOSURE, "mA.s", _MAX_MAS),
        **_again(node),
    }


def _again(node: Node) -> dict[str, Any]:
    """Whether the acquisition repeats another or was rejected, and why; nothing said is unknown (TID 10013, 10042)."""
    said = {codes.YES: True, codes.NO: False}
    repeat, reject = node.value_code(codes.REPEAT_REASON), node.value_code(codes.REJECT_REASON)
    return {
        "is_repeated": said.get(node.value_code(codes.IS_REPEATED) or ""),
        "repeat_reason": None if repeat is None else codes.REASONS.get(repeat, "other"),
        "is_rejected": said.get(node.value_code(codes.IS_REJECTED) or ""),
        "reject_reason": None if reject is None else codes.REASONS.get(reject, "other"),
    }


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)
