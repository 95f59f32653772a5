"""PostgreSQL itself: the embedded server, connections, migrations, roles, back-ups."""
