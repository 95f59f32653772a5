"""Plain lines are read by the thousand, column by column; all others one by one, as the formats have it."""
