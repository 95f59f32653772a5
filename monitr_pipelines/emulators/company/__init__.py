"""How an invented company trades, month by month, in the chart of its country."""
