"""PostgreSQL: server, connections, migrations, loader, imports and marts."""
