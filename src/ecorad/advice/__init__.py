"""What to say at order time: cards out of safety, findings and footprint. Nothing yet."""
