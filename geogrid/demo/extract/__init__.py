"""The demo city: central Helsinki out of OpenStreetMap, as shapefiles, cells and base maps. No Django."""
