"""The proofs of a hard intake, as a program with seeds: what is lost, what escapes, what a bomb costs."""
