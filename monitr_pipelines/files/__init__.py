"""Ledger file formats: CSV, FEC, XAF and spreadsheets, chosen by content."""

from monitr_pipelines.files.choose import open_ledger_file
from monitr_pipelines.files.reading.contract import LedgerFile, Mode, NumberedFile, ReadSettings, WrittenFile

__all__ = ["LedgerFile", "Mode", "NumberedFile", "ReadSettings", "WrittenFile", "open_ledger_file"]
