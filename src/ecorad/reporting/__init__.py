"""Statements as data, and their faces: ``audit.json``, ``report.html``, the terminal; messages in EN, ZH, NL."""
