"""Reporting structures as files: trees of lines, what belongs to them, every rule checked, and back to a file."""
