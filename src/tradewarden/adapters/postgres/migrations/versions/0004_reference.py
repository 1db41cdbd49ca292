"""What the desk works with: the account it belongs to, the symbol map, its sessions, and every version of them."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE accounts (
    login bigint NOT NULL CHECK (login > 0),
    server text NOT NULL CHECK (server <> ''),
    bound_at timestamptz NOT NULL,
    PRIMARY KEY (login, server)
);
-- One record, one account: what was traded on another belongs to another record.
CREATE UNIQUE INDEX accounts_one ON accounts ((true));

CREATE TABLE reference_versions (
    kind text NOT NULL CHECK (kind IN ('watchlist', 'symbol_map', 'sessions')),
    version integer NOT NULL CHECK (version >= 1),
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (kind, version)
);
CREATE TABLE symbol_map (
    canonical text PRIMARY KEY CHECK (canonical <> ''),
    symbol text NOT NULL UNIQUE CHECK (symbol <> ''),
    CHECK (canonical <> symbol)
);
CREATE TABLE sessions (
    name text PRIMARY KEY CHECK (name <> ''),
    starts text NOT NULL CHECK (starts ~ '^[0-2][0-9]:[0-5][0-9]$'),
    ends text NOT NULL CHECK (ends ~ '^[0-2][0-9]:[0-5][0-9]$'),
    timezone text NOT NULL CHECK (timezone <> ''),
    days integer[] NOT NULL CHECK (cardinality(days) BETWEEN 1 AND 7)
);
CREATE INDEX order_intents_openings ON order_intents (judged_at DESC) WHERE kind = 'open';

-- The watchlist of a desk that ran before watchlists were counted is its first version.
INSERT INTO reference_versions (kind, version, content, created_at)
    SELECT 'watchlist', 1, jsonb_agg(symbol ORDER BY place), now() FROM watchlist HAVING count(*) > 0;
"""

PARTS = {"accounts": "account", "symbol_map": "symbol_map", "sessions": "sessions"}
ADD_ONLY = ("accounts", "reference_versions")
GRANTS = ("SELECT, INSERT ON accounts, reference_versions", "SELECT, INSERT, DELETE ON symbol_map, sessions")


def upgrade() -> None:
    """Make the tables, their triggers and the application's rights."""
    op.execute(TABLES)
    for table in ADD_ONLY:
        op.execute(
            f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table, part in PARTS.items():
        op.execute(f"INSERT INTO revisions (part) VALUES ('{part}')")  # noqa: S608  names of this file
        op.execute(
            f"CREATE TRIGGER raise_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION raise_revision('{part}')"
        )
    for grant in GRANTS:
        op.execute(
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tradewarden_app') THEN"
            f" GRANT {grant} TO tradewarden_app; END IF; END $$"
        )


def downgrade() -> None:
    """Remove the tables; the watchlist stays as it is."""
    op.execute("DROP INDEX order_intents_openings")
    for table in ("sessions", "symbol_map", "reference_versions", "accounts"):
        op.execute(f"DROP TABLE {table}")
    for part in sorted(PARTS.values()):
        op.execute(f"DELETE FROM revisions WHERE part = '{part}'")  # noqa: S608  names of this file
