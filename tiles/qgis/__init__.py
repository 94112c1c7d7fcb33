"""What an analyst's QGIS gets: the project, default styles, connections. Written without QGIS, from the one
list of layers (tiles/gis/layers.py)."""
