"""The sections of the audit statement, one module each: columns and results in, plain dictionaries out."""
