"""Dose reports and doses in image headers (PS3.16 TID 10001 to 10043): one object in, events and totals out."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, BinaryIO

from ecorad.intake.agent_words import ReadAgent
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import DecodeError, DoseReport, Injection, Instance, IrradiationEvent, Issue, Rejection, Site

from . import (
    agent_report,
    codes,
    completeness,
    dataset,
    dose_screen,
    image_header,
    patient_dose_report,
    radiopharmaceutical_report,
    rejection,
    summary_report,
    xray_report,
)
from .context import Context
from .elements import TAG
from .moments import Zone
from .text import decoder, plain
from .tree import Node

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_DOSE_CLASSES = frozenset({"88.67", "88.68", "88.73", "88.76"})
_GENERAL_CLASSES = frozenset({"88.11", "88.22", "88.33", "88.34", "88.35"})
_KEY_OBJECTS, _SECONDARY_CAPTURE, _AGENT_CLASS = "88.59", "7", "88.75"
# Each image of these is an exposure of its own.
_EXPOSURES = frozenset({"1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "12.1", "12.2", "13.1.3"})


# Headers of most images end within the first, those with private blocks within the second.
_FIRST_BYTES = (1 << 15, 1 << 20)


@dataclass(frozen=True, slots=True)
class Dose:
    """What one object tells of dose.

    ``modality`` is what was done, which the report's own modality (SR) does not say. ``activity`` holds fields of
    :class:`~ecorad.model.Instance` for a radiopharmaceutical report.
    """

    events: tuple[IrradiationEvent, ...] = ()
    reports: tuple[DoseReport, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    injections: tuple[Injection, ...] = ()
    modality: str | None = None
    activity: dict[str, Any] | None = None
    issues: tuple[Issue, ...] = ()


def recognise(instance: Instance) -> bool:
    """Whether an object may tell of dose, by its class and type; the pixel data of images is not needed for it."""
    short = instance.sop_class_uid.removeprefix(_STORAGE)
    if short == _SECONDARY_CAPTURE:
        return dose_screen.DOSE_INFO in (instance.image_type or "").split("\\")
    if short in _EXPOSURES:
        return instance.is_acquisition
    return short in _DOSE_CLASSES or short in _GENERAL_CLASSES or short in {_KEY_OBJECTS, _AGENT_CLASS}


def decode(
    file: BinaryIO | io.FileIO,
    *,
    size: int,
    instance: Instance,
    site: Site,
    pseudonymiser: Pseudonymiser,
    read_agent: ReadAgent | None = None,
) -> Dose:
    """What one object tells of dose; its header has been read already.

    Parameters
    ----------
    file : binary file
        The object, seekable; of an image only what stands before its pixel data is read.
    size : int
        Its length. [By]
    instance : Instance
        Its header.
    site : Site
        Zone for times without offset.
    pseudonymiser : Pseudonymiser
        Keys of events and of rejected objects.
    read_agent : callable, optional
        What the name of a contrast agent says; without it a report of contrast tells nothing.

    Returns
    -------
    Dose
        Empty where the object tells of none. Absence is unknown: no event stands for a dose that is not told.

    Raises
    ------
    DecodeError
        ``ecorad.dose_sr.cut`` or ``ecorad.dose_sr.structure`` when the object is not whole.
    """
    short = instance.sop_class_uid.removeprefix(_STORAGE)
    is_image = short in _EXPOSURES or short == _SECONDARY_CAPTURE
    if not is_image and size > dataset.MAX_BYTES:
        return Dose(issues=(Issue("ecorad.dose_sr.size", "0040A730"),))
    try:
        root = _header(file, size) if is_image else dataset.read(_first(file, size))
    except dataset.TooDeepError:
        return Dose(issues=(Issue("ecorad.dose_sr.depth", "0040A730"),))
    context = Context(
        instance=instance,
        root=root,
        zone=Zone.of(plain(root.get(TAG["TimezoneOffsetFromUTC"])), site.zone),
        pseudonymiser=pseudonymiser,
        decode=decoder(plain(root.get(TAG["SpecificCharacterSet"]))),
        told_by="image",
    )
    if is_image:
        return _image(context, is_screen=short == _SECONDARY_CAPTURE)
    node = Node(root, context.notes, context.decode)
    if short == _KEY_OBJECTS:
        return Dose(rejections=rejection.read(node, context), issues=context.notes.issues)
    if node.code == codes.AGENT_REPORT:
        return _agents(node, context, read_agent)
    return _report(node, context, is_dose_class=short in _DOSE_CLASSES | {_AGENT_CLASS})


def _image(context: Context, *, is_screen: bool) -> Dose:
    if is_screen:
        context.told_by = "dose_screen"
        return _finished(context, *dose_screen.read(context))
    image_header.read(context)
    return Dose(events=context.events, issues=context.notes.issues)


def _agents(node: Node, context: Context, read_agent: ReadAgent | None) -> Dose:
    if TAG["ContentSequence"] not in context.root:
        raise DecodeError("a report of agents without content", code="ecorad.dose_sr.cut")
    rows = () if read_agent is None else agent_report.read(node, context, read_agent)
    return Dose(injections=rows, issues=context.notes.issues)


def _header(file: BinaryIO | io.FileIO, size: int) -> dataset.Item:
    """The elements before the pixel data, from as few bytes as hold them."""
    for count in _FIRST_BYTES:
        if count >= size:
            break
        try:
            return dataset.read(_first(file, count), is_whole=False)
        except DecodeError:
            continue
    return dataset.read(_first(file, min(size, dataset.MAX_BYTES)), is_whole=size <= dataset.MAX_BYTES)


def _first(file: BinaryIO | io.FileIO, count: int) -> bytes:
    file.seek(0)
    data = file.read(count) or b""
    while len(data) < count and (more := file.read(count - len(data))):
        data += more
    return data


def _report(node: Node, context: Context, *, is_dose_class: bool) -> Dose:
    """A structured report, by the code of its root; one without a dose root is no dose report."""
    if node.code not in codes.ROOTS:
        if is_dose_class:
            context.notes.add("ecorad.dose_sr.root", "0040A043", "a dose report under a root not known")
        return Dose(issues=context.notes.issues)
    if TAG["ContentSequence"] not in context.root:
        raise DecodeError("a dose report without content", code="ecorad.dose_sr.cut")
    if node.code == codes.RADIOPHARMACEUTICAL_REPORT:
        context.told_by = "radiopharmaceutical_report"
        found = radiopharmaceutical_report.read(node, context)
        return _finished(context, *found, activity=_activity(node, context))
    if node.code == codes.PATIENT_DOSE_REPORT:
        context.told_by = "patient_dose_report"
        return _finished(context, *patient_dose_report.read(node))
    if node.code == codes.SIEMENS_SUMMARY:
        context.told_by = "summary_report"
        return _finished(context, *summary_report.read(node))
    is_enhanced = context.instance.sop_class_uid == _STORAGE + "88.76"
    context.told_by = "enhanced_xray_report" if is_enhanced else "xray_report"
    scope = codes.SCOPES.get(node.value_code(codes.SCOPE) or "")
    return _finished(context, *xray_report.read(node, context), scope=scope)


def _finished(
    context: Context,
    modality: str | None,
    totals: list[dict[str, Any]],
    *,
    scope: str | None = None,
    activity: dict[str, Any] | None = None,
) -> Dose:
    events = context.events
    completeness.check(totals, events, context.notes)
    if not events and all(value is None for row in totals for name, value in row.items() if name != "plane"):
        context.notes.add("ecorad.dose_sr.nothing_known", "0040A730", "neither an event nor a total was found")
    planes = [row["plane"] for row in totals]
    reports = tuple(
        context.report(
            **row,
            modality=modality,
            scope=scope,
            events_found=sum(row["plane"] == event.plane for event in events) if len(planes) > 1 else len(events),
        )
        for row in totals
    )
    return Dose(events, reports, modality=modality, activity=activity, issues=context.notes.issues)


def _activity(node: Node, context: Context) -> dict[str, Any] | None:
    """The first administration in the words of an image's header."""
    given = context.events[0] if context.events else None
    if given is None:
        return None
    return {
        "activity_mbq": given.activity_mbq,
        "activity_unit_rule": None if given.activity_mbq is None else "radiopharmaceutical_report",
        "radionuclide_half_life_s": radiopharmaceutical_report.half_life_s(node),
        "radiopharmaceutical_start_utc": given.started_utc,
    }


__all__ = ["Dose", "decode", "recognise"]
