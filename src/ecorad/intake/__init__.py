"""Outside to records: one room a standard, none of which knows another; ``pipeline`` joins them to the ledger."""
