"""The Swedish SIE file, type 4: the accounts, balances and verifications of a fiscal year."""
