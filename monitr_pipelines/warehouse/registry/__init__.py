"""Who is imported: organisations, entities, connections, and their secrets."""
