"""The Reports page: statements, the way down to each booking, charts and downloads."""
