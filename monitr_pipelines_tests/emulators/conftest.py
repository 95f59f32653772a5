"""Lets the rooms below find the kits of this folder."""
