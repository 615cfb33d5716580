"""Where a device's electricity is lost: one detector a module, each silent unless its gain is beyond its own error."""
