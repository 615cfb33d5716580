"""The DICOM node: associations, C-ECHO, C-STORE with pixel data dropped on the wire, performed procedure steps."""
