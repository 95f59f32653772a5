"""The database as a whole: brought up to date, backed up and restored."""
