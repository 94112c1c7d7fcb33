"""What every import shares: reading files of many kinds, coordinate systems, runs that resume, reports."""
