"""CSV and spreadsheets: the layouts, and finding out how a file is to be read."""
