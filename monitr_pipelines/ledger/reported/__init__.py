"""Of published figures: their checks, what these find, and the entries that people add beside them."""
