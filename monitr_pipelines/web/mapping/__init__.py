"""The Mapping page: accounts on the lines of statements, placed by people, the effect seen before."""
