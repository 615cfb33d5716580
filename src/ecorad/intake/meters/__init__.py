"""Meter readings: CSV and XLSX files as meters and buildings export them, to intervals of energy with quality flags."""

from .decode import DecodedReadings, ReadingColumns, decode, sanitise
from .identity import meter_of_file
from .recognise import recognise
from .table import holds_readings

__all__ = [
    "DecodedReadings",
    "ReadingColumns",
    "decode",
    "holds_readings",
    "meter_of_file",
    "recognise",
    "sanitise",
]
