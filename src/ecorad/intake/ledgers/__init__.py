"""Stock sheets: contrast, consumables, helium, linen and paper, CSV or XLSX, by a declared column mapping."""

from .decode import DecodedStock, decode
from .mapping import TEMPLATE, named_ledger, of_workbook, recognise

__all__ = ["TEMPLATE", "DecodedStock", "decode", "named_ledger", "of_workbook", "recognise"]
