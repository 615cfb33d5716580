"""FHIR R4, R4B and R5: administrations of contrast agents, as a resource, a bundle or lines of a bulk export."""

from .beside import read_beside
from .decode import DecodedMedication, decode, recognise

__all__ = ["DecodedMedication", "decode", "read_beside", "recognise"]
