"""The web port: the receipts page, and readings by HTTP."""
