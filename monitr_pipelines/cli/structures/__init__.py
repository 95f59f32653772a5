"""The commands about reporting structures."""
