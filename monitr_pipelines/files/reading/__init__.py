"""What readers of all formats share: text, dates, amounts, accounts, problems and questions."""
