"""Energy of devices and exams: traces, clocks, states, windows, allocation, tiers. Arrays in, arrays out."""
