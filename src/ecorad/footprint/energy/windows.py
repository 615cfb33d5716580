"""Windows of exams and of other use on the meter's clock, out of what a device acquired."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecorad.model.clock import MICROSECONDS_PER_DAY, wall_us

from .clock import ClockTrack
from .exam_end import ends_from_power
from .states import LIVE
from .trace import MICROSECONDS_PER_SECOND, Floats, Ints, Trace

# An acquisition of unknown length is taken to last until the next one of its study, at most this long; the last one of
# a study gets the median of those that are known. [s]
LONGEST_UNKNOWN_S = {"MR": 300.0, "CT": 15.0, "XA": 10.0, "RF": 10.0, "PT": 600.0, "NM": 600.0}
_OTHER_UNKNOWN_S = 5.0
# Exposures too short to matter: an unwritten length leaves nothing unknown.
INSTANT = frozenset({"DX", "CR", "MG", "IO", "PX", "RG"})
# A live scan is longer than this; when the times written are closer together, they are all of its beginning. [us]
SHORTEST_LIVE_US = 60_000_000


@dataclass(frozen=True)
class Windows:
    """Windows on the meter's clock.

    ``exam_*`` and ``end_is_known`` have shape (exams,) in the order of the device's exams; ``qc_*`` those of other use;
    ``scan_*`` all acquisitions; ``scan_is_known`` whether an acquisition's length was written; ``study_of_scan``
    indexes the device's studies.
    """

    exam: NDArray[np.int64]
    exam_start_us: Ints
    exam_end_us: Ints
    last_start_us: Ints
    end_is_known: NDArray[np.bool_]
    offset_u_s: Floats
    qc_start_us: Ints
    qc_end_us: Ints
    scan_start_us: Ints
    scan_end_us: Ints
    scan_is_known: NDArray[np.bool_]
    study_of_scan: Ints

    @property
    def known_scans(self) -> tuple[Ints, Ints]:
        """Acquisitions whose length was written."""
        return self.scan_start_us[self.scan_is_known], self.scan_end_us[self.scan_is_known]


def local_days(moment_us: Ints, zone: str) -> Floats:
    """Local days since 1970-01-01 with their fraction."""
    return wall_us(moment_us, zone) / MICROSECONDS_PER_DAY


def windows(
    *,
    study_start_us: Ints,
    study_end_us: Ints,
    is_exam: NDArray[np.bool_],
    acquisition_study: Ints,
    acquisition_start_us: Ints,
    acquisition_end_us: Ints,
    clock: ClockTrack | None,
    zone: str,
    modality: str | None = None,
) -> Windows:
    """Exam windows from first acquisition start to last acquisition end, moved to the meter's clock.

    The study's own end counts where it is later than any acquisition that has a length. A study without acquisitions
    keeps the window its own times give. In projection radiography an exposure without a length ends where it starts.
    The whole study is moved by the offset of its start, so that its length never changes.

    Parameters
    ----------
    clock : ClockTrack, optional
        Offsets of this device; none when it has no meter.
    """
    span = _study_spans(
        study_start_us, study_end_us, acquisition_study, acquisition_start_us, acquisition_end_us, modality=modality
    )
    start, count = span.start_us, len(study_start_us)
    offset_us, u_s = np.zeros(count, dtype=np.int64), np.full(count, np.nan)
    if clock is not None and count:
        offset_s, u_s = clock.at(local_days(start, zone))
        offset_us = np.round(offset_s * MICROSECONDS_PER_SECOND).astype(np.int64)
    exam, other = np.flatnonzero(is_exam), np.flatnonzero(~is_exam & span.has_acquisitions)
    move = offset_us[acquisition_study]
    return Windows(
        exam=exam,
        exam_start_us=(start + offset_us)[exam],
        exam_end_us=(span.end_us + offset_us)[exam],
        last_start_us=(span.last_start_us + offset_us)[exam],
        end_is_known=span.end_is_known[exam],
        offset_u_s=u_s[exam],
        qc_start_us=(start + offset_us)[other],
        qc_end_us=(span.end_us + offset_us)[other],
        scan_start_us=acquisition_start_us + move,
        scan_end_us=np.maximum(acquisition_start_us, acquisition_end_us) + move,
        scan_is_known=acquisition_end_us > acquisition_start_us,
        study_of_scan=acquisition_study,
    )


@dataclass(frozen=True)
class _StudySpans:
    """First start, last end and last start of each study on the device's clock, arrays of shape (studies,)."""

    start_us: Ints
    end_us: Ints
    last_start_us: Ints
    end_is_known: NDArray[np.bool_]
    has_acquisitions: NDArray[np.bool_]


def _study_spans(
    study_start_us: Ints,
    study_end_us: Ints,
    acquisition_study: Ints,
    acquisition_start_us: Ints,
    acquisition_end_us: Ints,
    *,
    modality: str | None,
) -> _StudySpans:
    has = np.zeros(len(study_start_us), dtype=bool)
    has[acquisition_study] = True
    start = np.where(has, np.iinfo(np.int64).max, study_start_us)
    last = np.where(has, np.iinfo(np.int64).min, study_start_us)
    end = study_end_us.copy()
    np.minimum.at(start, acquisition_study, acquisition_start_us)
    np.maximum.at(last, acquisition_study, acquisition_start_us)
    np.maximum.at(end, acquisition_study, np.maximum(acquisition_start_us, acquisition_end_us))
    known = np.ones(len(start), dtype=bool)
    if modality not in INSTANT:
        is_last = acquisition_start_us == last[acquisition_study]
        known[acquisition_study[is_last & ~(acquisition_end_us > acquisition_start_us)]] = False
    if modality in LIVE:
        known = end - start >= SHORTEST_LIVE_US
    known[~has] = (study_end_us > study_start_us)[~has]
    return _StudySpans(start, end, last, known, has)


def with_ends_from_power(found: Windows, trace: Trace, ready_kw: Floats, idle_kw: Floats) -> tuple[Windows, Ints]:
    """Windows whose unknown ends are read from the power; and which exams, as indices, got theirs so.

    Parameters
    ----------
    ready_kw, idle_kw : ndarray, shape (exams,)
        Levels at each exam, NaN when not known. [kW]
    """
    open_ended = np.flatnonzero(~found.end_is_known)
    if not len(open_ended):
        return found, open_ended
    order = np.argsort(found.exam_start_us, kind="stable")
    following = np.full(len(order), np.iinfo(np.int64).max // 2)
    following[order[:-1]] = found.exam_start_us[order[1:]]
    ends, is_found = ends_from_power(
        trace,
        np.maximum(found.last_start_us, found.exam_end_us)[open_ended],
        np.maximum(following, found.exam_end_us)[open_ended],
        ready_kw[open_ended],
        idle_kw[open_ended],
    )
    exam_end = found.exam_end_us.copy()
    exam_end[open_ended[is_found]] = np.maximum(exam_end[open_ended], ends)[is_found]
    return replace(found, exam_end_us=exam_end), open_ended[is_found]


def scan_hours(found: Windows, modality: str | None, studies: int) -> Floats:
    """Hours of acquisition in each study, unknown lengths filled in as the module says, shape (studies,). [h]"""
    total = np.zeros(studies)
    if not len(found.scan_start_us):
        return total
    order = np.lexsort((found.scan_start_us, found.study_of_scan))
    study, start, end = found.study_of_scan[order], found.scan_start_us[order], found.scan_end_us[order]
    known = found.scan_is_known[order]
    longest_us = int(LONGEST_UNKNOWN_S.get(modality or "", _OTHER_UNKNOWN_S) * MICROSECONDS_PER_SECOND)
    usual_us = int(np.median((end - start)[known])) if known.any() else longest_us
    following = np.full(len(start), np.iinfo(np.int64).max // 2)
    same = study[1:] == study[:-1]
    following[:-1][same] = start[1:][same]
    limit = np.minimum(following - start, longest_us)
    length = np.where(known, end - start, np.minimum(limit, usual_us))
    np.add.at(total, study, np.maximum(length, 0) / 3.6e9)
    return total
