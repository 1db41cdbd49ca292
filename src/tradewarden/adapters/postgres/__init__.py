"""The record in PostgreSQL: schema, transactions, and who may sign in.

The only place of the product that knows SQL. Rows become the port's frozen records here and never leave as rows;
``migrate.upgrade`` brings the schema up to date before anything else connects.
"""

from tradewarden.adapters.postgres.access import PostgresAccess
from tradewarden.adapters.postgres.storage import PostgresStorage

__all__ = ["PostgresAccess", "PostgresStorage"]
