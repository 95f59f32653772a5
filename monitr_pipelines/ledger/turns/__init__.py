"""The turn of a fiscal year: which lines only open it or close it, and what says so."""
