"""The pages that finance users see: signing in, entities, their history."""
