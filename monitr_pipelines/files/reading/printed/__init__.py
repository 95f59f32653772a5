"""Values as programs print them: the side behind an amount, the name of a month."""
