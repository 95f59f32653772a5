"""How fast the import system is, as ratios measured side by side; run with `python -m bench`."""
