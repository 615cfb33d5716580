"""Charts as inline SVG, drawn on the server; one file a chart, each with its text for a screen reader."""
