"""People, their one-time sign-in links and their browser sessions; tokens are kept as digests only."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE users (
    id text PRIMARY KEY CHECK (id <> ''),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    role text NOT NULL CHECK (role IN ('owner')),
    created_at timestamptz NOT NULL
);
CREATE TABLE sign_in_links (
    token_hash text PRIMARY KEY CHECK (token_hash <> ''),
    user_id text NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CHECK (expires_at > created_at)
);
CREATE TABLE web_sessions (
    token_hash text PRIMARY KEY CHECK (token_hash <> ''),
    user_id text NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CHECK (expires_at > created_at)
);
"""

GRANTS = (
    "SELECT, INSERT ON users",
    "SELECT, INSERT, DELETE, UPDATE (used_at) ON sign_in_links",
    "SELECT, INSERT, DELETE, UPDATE (last_seen_at, revoked_at) ON web_sessions",
)


def upgrade() -> None:
    """Make the tables and grant the application what it needs on them."""
    op.execute(TABLES)
    for grant in GRANTS:
        op.execute(
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tradewarden_app') THEN"
            f" GRANT {grant} TO tradewarden_app; END IF; END $$"
        )


def downgrade() -> None:
    """Remove the tables."""
    for table in ("web_sessions", "sign_in_links", "users"):
        op.execute(f"DROP TABLE {table}")
