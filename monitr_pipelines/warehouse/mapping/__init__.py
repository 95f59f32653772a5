"""Where people place accounts on the lines of statements: read, changed, undone, and its effect."""
