"""The report marts and the reporting structures that they follow."""
