"""Books as files: CSV in the standard layout, and the French and Dutch audit files."""

from monitr_pipelines.emulators.writers.write_csv import write_csv
from monitr_pipelines.emulators.writers.write_fec import write_fec
from monitr_pipelines.emulators.writers.write_xaf import write_xaf

__all__ = ["write_csv", "write_fec", "write_xaf"]
