"""What is due by time: shifts that end, jobs whose worker died, rows that are no longer needed."""
