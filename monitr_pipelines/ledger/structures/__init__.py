"""Reporting structures as files: trees of lines, every rule checked, and back to a file."""
