"""Being here makes the kits of this folder importable from those of single providers."""
