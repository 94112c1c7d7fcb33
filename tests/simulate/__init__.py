"""The simulator: walks, water, and doors that are shut for a while."""
