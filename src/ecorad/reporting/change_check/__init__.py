"""``ecorad verify``: the last audit and the ledger, before and after a change; its statement and its page."""
