"""Administrations made by hand; no patient, no place, no number of them was ever real."""

from __future__ import annotations

import json
from typing import Any

MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
ACSN = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]}
UCUM = "http://unitsofmeasure.org"


def dose(value: Any, unit: str | None = "mL", **more: Any) -> dict[str, Any]:
    written = {"value": value, **({"unit": unit, "code": unit, "system": UCUM} if unit else {})}
    return {"dosage": {"dose": written} | more}


def administration(**fields: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "resourceType": "MedicationAdministration",
        "id": "a1",
        "status": "completed",
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.whocc.no/atc", "code": "V08AB02", "display": "iohexol"}],
            "text": "Omnipaque 350",
        },
        "subject": {"identifier": {"type": MR, "value": "PAT-1"}},
        "effectiveDateTime": "2026-03-02T11:04:00+01:00",
        **dose(90),
    }
    return {name: value for name, value in (usual | fields).items() if value is not None}


def named(accession: str) -> dict[str, Any]:
    return {"supportingInformation": [{"identifier": {"type": ACSN, "value": accession}}]}


def content(*resources: Any) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in resources)


def bundle(*resources: Any) -> bytes:
    entries = [{"fullUrl": f"urn:uuid:{n}", "resource": one} for n, one in enumerate(resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=2).encode()
