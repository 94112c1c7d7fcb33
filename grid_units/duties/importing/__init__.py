"""Tables of organisations, people and duties from XLSX and CSV files, and the templates to fill in."""
