"""Ecorad tells a radiology department where its footprint is, what to change, and whether it worked."""

__version__ = "0.1.0"
