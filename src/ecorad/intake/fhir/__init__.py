"""FHIR R4, R4B and R5: administrations of contrast agents, as a resource, a bundle or lines of a bulk export."""

from .decode import DecodedMedication, decode, recognise

__all__ = ["DecodedMedication", "decode", "recognise"]
