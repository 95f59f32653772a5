"""The accounting software that entities can be imported from."""

FILE = "file"
NAMES = (FILE,)
