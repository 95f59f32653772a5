"""Who gives the commands."""

import getpass


def person() -> str:
    """The name of whoever runs this process; `unknown` where the machine does not know it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
