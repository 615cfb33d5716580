"""Long-running faces: web pages, DICOM node, HL7 and MQTT listeners. Nothing yet."""
