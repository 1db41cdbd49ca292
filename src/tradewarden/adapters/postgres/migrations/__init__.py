"""Alembic's folder: every change of the schema, in order. Run through ``tradewarden.adapters.postgres.migrate``."""
