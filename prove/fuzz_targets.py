"""What is fuzzed: every reader of what others send, each with small inputs to begin with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from ecorad.intake.decoding import Decoder
from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.sources import Input
from ecorad.model import LedgerMapping, MeterEntry, Site

_SITE = Site(
    name="Proof",
    timezone="Europe/Amsterdam",
    meters=(MeterEntry(id="m", unit="kWh", kind="register", interval_s=60.0),),
    ledgers=(
        LedgerMapping(
            name="used",
            kind="contrast",
            columns={"day": "D", "product": "P", "quantity": "N"},
            defaults={"movement": "used"},
        ),
    ),
)
_ORDER = b"MSH|^~\\&|RIS|H|X|Y|20260302101500||RAS^O17|1|P|2.5\rPID|1||7\rRXA|0|1|20260302101500||Iomeron 350^Iomeron|80|mL\r"
_MEDICATION = (
    b'{"resourceType":"MedicationAdministration","status":"completed","subject":{"reference":"Patient/1"},'
    b'"effectiveDateTime":"2026-03-02T10:15:00+01:00","medicationCodeableConcept":{"text":"Iomeron 350"},'
    b'"dosage":{"dose":{"value":80,"unit":"mL"}}}'
)


@dataclass(frozen=True, slots=True)
class Target:
    """A reader that must take any bytes, and what to begin with."""

    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


def _decoded(name: str) -> Callable[[bytes], object]:
    decoder = Decoder(_SITE, Pseudonymiser(bytes(32)))
    return lambda data: decoder.decode(Input(name, name, len(data), content=data))


def _objects() -> list[bytes]:
    from .mutate import seeds

    return seeds(20_000)


def _reports() -> list[bytes]:
    from tests.intake.dose_sr.made import ct_event, ct_totals, report

    whole = report([ct_totals("2", "30"), ct_event("1.9.1", "10"), ct_event("1.9.2", "20")], PatientAge="050Y")
    return [whole, *_objects()[:4]]


def _others(*names: str) -> Callable[[], list[bytes]]:
    def found() -> list[bytes]:
        from .inputs import other_seeds

        return [content for name, content in other_seeds() if name in names]

    return found


def _step(data: bytes) -> None:
    from ecorad.intake import mpps
    from ecorad.model import DecodeError

    with contextlib.suppress(DecodeError):
        mpps.decode(
            data,
            uid="1.2",
            digest="",
            zone=_SITE.zone,
            pseudonymiser=Pseudonymiser(bytes(32)),
            device_of=lambda *told: None,
        )


def _steps() -> list[bytes]:
    from tests.intake.mpps.test_decode import code, message, scheduled

    begun = message(PerformedProcedureStepStatus="IN PROGRESS", ScheduledStepAttributesSequence=[scheduled()])
    ended = message(
        PerformedProcedureStepStatus="DISCONTINUED",
        PerformedProcedureStepDiscontinuationReasonCodeSequence=[code("110501")],
    )
    return [begun, ended]


def _wire(data: bytes) -> None:
    """The first byte says what the rest is: a request for an association, values, a command."""
    from ecorad.service.dicom import dimse, pdu

    kind, body = data[:1], data[1:]
    with contextlib.suppress(pdu.ProtocolError):
        if kind < b"\x55":
            pdu.parse_request(body)
        elif kind < b"\xaa":
            list(pdu.fragments(memoryview(body)))
        else:
            dimse.decode(body)


def _wire_seeds() -> list[bytes]:
    from tests.service.peers import VERIFICATION, associate_rq, pdv

    from ecorad.service.dicom import dimse

    command = {
        dimse.AFFECTED_CLASS: VERIFICATION,
        dimse.COMMAND: dimse.C_ECHO,
        dimse.MESSAGE_ID: 1,
        dimse.DATA_SET: 0x0101,
    }
    told = dimse.encode(command)
    return [b"\x00" + associate_rq()[6:], b"\x60" + pdv(1, 3, told)[6:], b"\xff" + told]


def _messages(data: bytes) -> None:
    """The same bytes as an HL7 message that is answered, as a message of a meter, and as lines of meters."""
    from ecorad.service.drain.samples import of_lines, of_message
    from ecorad.service.mllp import acknowledge, parse_header

    acknowledge(parse_header(data), "AA")
    of_message(data, "m", 0)
    of_message(data, "m:a.b", 0)
    list(of_lines(data, "ns", 0, {}))


TARGETS = {
    "dicom": Target(_decoded("x.dcm"), _objects),
    "dose reports": Target(_decoded("x.dcm"), _reports),
    "meters": Target(_decoded("m.csv"), _others("m.csv", "other.csv")),
    "sheets": Target(_decoded("used.csv"), _others("contrast.csv")),
    "medication": Target(_decoded("x.txt"), lambda: [_ORDER, _MEDICATION, *_others("a.json")()]),
    "procedure steps": Target(_step, _steps),
    "wire": Target(_wire, _wire_seeds),
    "messages": Target(
        _messages, lambda: [_ORDER, b'{"power": 7, "Time": "2026-03-01T00:00:00Z"}', b"p,meter=m value=6.5 1772323200"]
    ),
}
