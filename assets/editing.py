"""HTTP of the assets room."""
