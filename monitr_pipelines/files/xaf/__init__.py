"""The Dutch audit file: XML Auditfile Financieel 3.2."""
