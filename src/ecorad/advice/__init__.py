"""What to say at order time, out of safety, findings and footprint: which of several tests."""
