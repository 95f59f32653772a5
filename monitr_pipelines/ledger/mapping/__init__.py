"""Where people place accounts on the lines of statements: choices, their problems, what they change."""
