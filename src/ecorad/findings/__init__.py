"""Where the waste is, one detector a module: idle power, repeats, duplicates, left-overs. Nothing yet."""
