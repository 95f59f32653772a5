"""What every page shares: rendering, languages, sessions, headers, refusals."""
