"""From the receive journal to the ledger: worked off in batches, in a process of its own, each record exactly once."""
