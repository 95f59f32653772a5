"""The web hook: a program asks for an import with a signed message."""
