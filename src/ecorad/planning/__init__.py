"""What to change: one problem a module; build, solve, check."""
