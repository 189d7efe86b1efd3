"""One Alembic history for all tables."""
