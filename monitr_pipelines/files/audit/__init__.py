"""What the readers of audit files share: XML as programs really write it, and days outside the year."""
