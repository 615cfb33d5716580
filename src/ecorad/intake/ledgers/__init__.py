"""Stock sheets: contrast, consumables, helium, linen and paper, CSV or XLSX, by a declared column mapping."""

from .decode import DecodedStock, decode
from .mapping import TEMPLATE, recognise
from .workbook import is_workbook

__all__ = ["TEMPLATE", "DecodedStock", "decode", "is_workbook", "recognise"]
