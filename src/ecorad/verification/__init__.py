"""Whether a change did what was promised: baseline, effect with interval, placebo, and reasons to say nothing."""
