"""How long the slow paths take: medians and ratios, never a pass or fail."""
