"""A large entity among others, imported again and again: what changed, what did not, another mapping."""
