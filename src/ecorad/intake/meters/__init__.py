"""Meter readings: CSV files as meters and buildings export them, to intervals of energy with quality flags."""

from .decode import DecodedReadings, ReadingColumns, decode, sanitise
from .recognise import recognise

__all__ = ["DecodedReadings", "ReadingColumns", "decode", "recognise", "sanitise"]
