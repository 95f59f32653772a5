"""The French audit file: fichier des écritures comptables."""
