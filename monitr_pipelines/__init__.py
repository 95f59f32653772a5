"""The import system of Monitr: from accounting software to report marts."""
