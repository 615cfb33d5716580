"""HL7 v2: administrations of contrast agents out of RAS^O17; other messages are kept whole until they are read."""

from .decode import MESSAGE_TYPE, DecodedMedication, decode, message_type, recognise

__all__ = ["MESSAGE_TYPE", "DecodedMedication", "decode", "message_type", "recognise"]
