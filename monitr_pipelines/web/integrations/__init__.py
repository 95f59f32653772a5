"""Connections to accounting software: connecting, choosing what is imported, connecting again, removing."""
