"""The chain of migrations: the same steps on SQLite and PostgreSQL."""
