"""Dose: what went into patients, from irradiation events; arithmetic on columns, no storage."""
