"""Who pays: where the subscription of each organisation is read, and what follows from it."""
