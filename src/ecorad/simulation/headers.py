"""The header-only DICOM files of a scanner, with its maker's habits and its own wrong clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b

from .clocks import ScannerClock
from .days import Days
from .dicom import Value, write_file
from .exams import Acquisition, Contrast, Exam, uid
from .scanners import Scanner
from .settings import Settings
from .techniques import Mutable, technique

PHANTOM_ID = "QA-DAILY"
_QC: dict[str, Mutable] = {
    "patient_id": {0x00100010: ("PN", "Daily^Check"), 0x00100020: ("LO", PHANTOM_ID)},
    "flag": {
        0x00100010: ("PN", "Service^Scan"),
        0x00100020: ("LO", "SERVICE01"),
        0x00100200: ("CS", "YES"),
        0x00280300: ("CS", "YES"),
    },
    "name": {0x00100010: ("PN", "PHANTOM^QA"), 0x00100020: ("LO", "PHANTOM")},
}


class HeaderWriter:
    """Writes what one scanner sends to the archive.

    >>> from datetime import date
    >>> from ecorad.simulation.scanners import draw_scanners
    >>> days, settings = Days.of(date(2026, 3, 2), 1, "Europe/Amsterdam"), Settings()
    >>> writer = HeaderWriter(draw_scanners(1, settings, 1)[0], ScannerClock(((0, 0.0),), 0.0), days, settings, 1)
    """

    def __init__(self, scanner: Scanner, clock: ScannerClock, days: Days, settings: Settings, seed: int) -> None:
        self.scanner, self.clock, self.days, self.settings, self.seed = scanner, clock, days, settings, seed
        self.enhanced = settings.enhanced_mr and scanner.model.duration_habit == "standard"

    def files(self, exam: Exam) -> Iterator[tuple[str, bytes]]:
        """Path below the scanner's folder, and content, of every object of ``exam``."""
        study = self._study(exam)
        day = self._wall(exam.start_s).strftime("%Y-%m-%d")
        for number, acquisitions in enumerate(series_of(exam), 1):
            for count, (elements, moment, made_s) in enumerate(self._instances(exam, number, acquisitions), 1):
                times = self._times(moment, acquisitions[0].start_s, made_s)
                sop = uid(self.seed, exam.key, number, count)
                content = write_file({**study, **elements, **times, 0x00080018: ("UI", sop)})
                yield f"{day}/{accession(exam)}/s{number:02d}i{count:03d}.dcm", content
        if exam.derived_after_s is not None:
            number = len(series_of(exam)) + 1
            content = write_file({**study, **self._derived(exam, number)})
            yield f"{day}/{accession(exam)}/s{number:02d}i001.dcm", content

    def _instances(
        self, exam: Exam, number: int, acquisitions: tuple[Acquisition, ...]
    ) -> Iterator[tuple[Mutable, float, float]]:
        """Elements, acquisition moment and moment of reconstruction of each object of one series."""
        per_series = self.settings.instances_per_series
        many = self.scanner.modality in ("CT", "MR") and not self.enhanced
        count = 0
        for acquisition in acquisitions:
            common = self._series(exam, number, acquisition)
            common |= technique(self.scanner, exam, acquisition, enhanced=self.enhanced)
            length_s = acquisition.end_s - acquisition.start_s
            for n in range(per_series if many else 1):
                count += 1
                along = n / max(1, per_series - 1)
                # A CT slice is stamped when it passed the beam; MR slices all within the first repetition.
                after_s = along * (length_s - 0.4) if self.scanner.modality == "CT" else 0.05 * n
                common_of = {**common, 0x00200013: ("IS", count)}
                yield common_of, acquisition.start_s + after_s, acquisition.end_s + 2.5 + 0.2 * n

    def _study(self, exam: Exam) -> Mutable:
        study_uid = uid(self.seed, exam.key)
        arrival = self._wall(exam.enters_s - 200)
        elements: Mutable = {
            0x00080005: ("CS", "ISO_IR 100"),
            0x00080020: ("DA", arrival.strftime("%Y%m%d")),
            0x00080030: ("TM", arrival.strftime("%H%M%S")),
            0x00080050: ("SH", accession(exam)),
            0x00080060: ("CS", self.scanner.modality),
            0x00080070: ("LO", self.scanner.model.manufacturer),
            0x00080080: ("LO", "Ecorad simulated department"),
            0x00080090: ("PN", None),
            0x00081010: ("SH", self.scanner.station),
            0x00081030: ("LO", exam.kind.procedure),
            0x00081090: ("LO", self.scanner.model.model),
            0x00181000: ("LO", self.scanner.serial),
            0x00181020: ("LO", self.scanner.model.software),
            0x0020000D: ("UI", study_uid),
            0x00200010: ("SH", f"{exam.number}"),
            **(_patient(exam) if exam.is_exam else _QC[self.scanner.model.qc_habit]),
        }
        for tag, vr in ((0x00100030, "DA"), (0x00100040, "CS")):
            elements.setdefault(tag, (vr, None))
        if self.scanner.modality in ("CT", "MR"):
            elements[0x00200052] = ("UI", uid(self.seed, exam.key, "frame"))
            elements[0x00201040] = ("LO", None)
        if self.scanner.model.offset_habit == "element":
            elements[0x00080201] = ("SH", arrival.strftime("%z"))
        return elements

    def _series(self, exam: Exam, number: int, acquisition: Acquisition) -> Mutable:
        elements: Mutable = {
            0x0008103E: ("LO", acquisition.protocol.replace("_", " ")),
            0x00181030: ("LO", acquisition.protocol if exam.is_exam else "QA phantom"),
            0x0020000E: ("UI", uid(self.seed, exam.key, number)),
            0x00200011: ("IS", number),
            0x00200012: ("IS", number),
        }
        if self.scanner.model.region_habit == "body_part":
            elements[0x00180015] = ("CS", exam.kind.body_part or None)
        if exam.kind.laterality:
            elements[0x00200060] = ("CS", exam.kind.laterality)
        if self.scanner.modality in ("CT", "DX", "XA"):
            elements[0x00083010] = ("UI", uid(self.seed, exam.key, "event", acquisition.start_s))
        if exam.contrast is not None and acquisition.has_contrast:
            elements |= self._contrast(exam.contrast)
        return elements

    def _contrast(self, contrast: Contrast) -> Mutable:
        product, given = contrast.product, contrast.given_ml
        elements: Mutable = {
            0x00180010: ("LO", product.product),
            0x00181040: ("LO", "IV"),
        }
        if contrast.written == "text":
            elements[0x00180010] = ("LO", f"{given:g} ml {product.product}")
        elif contrast.written == "default":
            elements[0x00181041] = ("DS", product.default_ml)
        elif contrast.written == "full":
            elements |= {
                0x00181041: ("DS", given),
                0x00181042: ("TM", self._wall(contrast.start_s).strftime("%H%M%S")),
                0x00181044: ("DS", given),
                0x00181048: ("CS", product.substance.upper()),
                0x00181049: ("DS", product.active_mg_ml),
            }
        return elements

    def _times(self, moment_s: float, series_s: float, made_s: float) -> Mutable:
        """Acquisition, series, content and creation times in the maker's way."""
        series, made = self._wall(series_s + 1.8), self._wall(made_s)
        acquired = self._wall(moment_s)
        habit = self.scanner.model.time_habit
        content = acquired if self.scanner.modality == "US" else made
        elements: Mutable = {
            0x00080012: ("DA", made.strftime("%Y%m%d")),
            0x00080013: ("TM", made.strftime("%H%M%S.%f")),
            0x00080021: ("DA", series.strftime("%Y%m%d")),
            0x00080031: ("TM", series.strftime("%H%M%S.%f")),
            0x00080023: ("DA", content.strftime("%Y%m%d")),
            0x00080033: ("TM", content.strftime("%H%M%S.%f")),
        }
        if habit == "date_time":
            elements[0x00080022] = ("DA", acquired.strftime("%Y%m%d"))
            elements[0x00080032] = ("TM", acquired.strftime("%H%M%S.%f"))
        elif habit == "datetime":
            suffix = "%z" if self.scanner.model.offset_habit == "inside" else ""
            elements[0x0008002A] = ("DT", acquired.strftime("%Y%m%d%H%M%S.%f" + suffix))
        return elements

    def _derived(self, exam: Exam, number: int) -> Mutable:
        """A reformatted series, made on the console when the patient has gone; nothing is acquired for it."""
        source = exam.acquisitions[-1]
        made_s = float(exam.leaves_s + (exam.derived_after_s or 0))
        elements = self._series(exam, number, source)
        elements |= technique(self.scanner, exam, source, enhanced=False)
        elements |= self._times(source.start_s, made_s, made_s)
        return elements | {
            0x00080008: ("CS", "DERIVED\\SECONDARY\\REFORMATTED"),
            0x00080018: ("UI", uid(self.seed, exam.key, number, 1)),
            0x0008103E: ("LO", "reformat coronal"),
            0x00200013: ("IS", 1),
        }

    def _wall(self, second: float) -> datetime:
        return self.days.local(self.clock.written_s(second))


def series_of(exam: Exam) -> list[tuple[Acquisition, ...]]:
    """The acquisitions of an exam by the series they are sent in: one each, but all images of an ultrasound in one."""
    if exam.kind.modality == "US":
        return [exam.acquisitions]
    return [(acquisition,) for acquisition in exam.acquisitions]


def accession(exam: Exam) -> str:
    """Accession number, at most 16 characters."""
    return f"{exam.alias.replace('-', '')}{exam.number:08d}"


def _patient(exam: Exam) -> Mutable:
    """A patient who never lived; age and sex follow from the number."""
    digest = blake2b(exam.patient.encode(), digest_size=4).digest()
    born: Value = f"{1935 + digest[0] % 75}{1 + digest[1] % 12:02d}{1 + digest[2] % 28:02d}"
    return {
        0x00100010: ("PN", f"Simulated^Patient {exam.patient}"),
        0x00100020: ("LO", f"SIM{exam.patient}"),
        0x00100030: ("DA", born),
        0x00100040: ("CS", "MFO"[min(digest[3] // 127, 2)]),
    }
