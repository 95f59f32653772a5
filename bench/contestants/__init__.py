"""One program a contestant: each loads a file into a table and prints its seconds as JSON."""
