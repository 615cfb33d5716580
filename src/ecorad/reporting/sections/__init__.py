"""The five questions of the report, one module each: statement in, pieces of a page out."""
