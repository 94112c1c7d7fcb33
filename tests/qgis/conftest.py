"""An analyst with a personal role at a real QGIS, in front of a demonstration city."""
