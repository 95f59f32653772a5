"""Reports for other programs: JSON with a token, as exact as the pages."""
