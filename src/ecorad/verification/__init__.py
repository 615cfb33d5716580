"""Whether a change worked: baseline, savings, non-routine events. Nothing yet."""
