"""The record: history, decisions with their content, strategies, ideas, intents, positions, measurements.

Rights are granted to the application's role where it exists; on a database without it the owner works alone, and the
triggers still refuse to change what is only ever added to.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE revisions (part text PRIMARY KEY, value bigint NOT NULL DEFAULT 0);

CREATE TABLE decision_history (
    seq bigint PRIMARY KEY CHECK (seq >= 1),
    occurred_at timestamptz NOT NULL,
    symbol text CHECK (symbol <> ''),
    action text NOT NULL CHECK (action IN (
        'ai_proposed', 'ai_auto_executed', 'human_approved', 'human_rejected', 'risk_rejected', 'ai_halted',
        'ai_resumed', 'idea_expired', 'order_submitted', 'order_accepted', 'order_rejected', 'order_unknown',
        'order_reconciled', 'position_managed', 'position_closed', 'manual_order', 'drift_detected', 'emergency_flat',
        'settings_changed', 'strategy_published', 'imported', 'admin_note')),
    rationale text NOT NULL,
    confidence_score numeric CHECK (confidence_score BETWEEN 0 AND 100),
    risk_check_result text,
    strategy_id text,
    trade_idea_id text,
    snapshot_ref text CHECK (snapshot_ref ~ '^[0-9a-f]{64}$'),
    human_override boolean NOT NULL,
    actor text NOT NULL CHECK (actor <> ''),
    payload jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    prev_hash text NOT NULL CHECK (prev_hash ~ '^[0-9a-f]{64}$'),
    entry_hash text NOT NULL UNIQUE CHECK (entry_hash ~ '^[0-9a-f]{64}$')
);
CREATE INDEX decision_history_occurred ON decision_history (occurred_at DESC);
CREATE INDEX decision_history_symbol ON decision_history (symbol, occurred_at DESC);
CREATE INDEX decision_history_action ON decision_history (action, occurred_at DESC);
CREATE INDEX decision_history_strategy ON decision_history (strategy_id, seq DESC) WHERE strategy_id IS NOT NULL;
CREATE INDEX decision_history_idea ON decision_history (trade_idea_id, seq DESC) WHERE trade_idea_id IS NOT NULL;

CREATE TABLE snapshot_bundle (
    digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
    content bytea NOT NULL,
    size_bytes integer NOT NULL CHECK (size_bytes > 0)
);
CREATE TABLE bar_chunks (
    digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
    content bytea NOT NULL,
    size_bytes integer NOT NULL CHECK (size_bytes > 0)
);
-- Both hold compressed content: compressing it once more on the way to the disk only costs time.
ALTER TABLE snapshot_bundle ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE bar_chunks ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE decisions (
    decision_id text PRIMARY KEY CHECK (decision_id <> ''),
    seq bigint NOT NULL UNIQUE REFERENCES decision_history,
    inputs_digest text NOT NULL REFERENCES snapshot_bundle,
    decision jsonb NOT NULL,
    decision_digest text NOT NULL CHECK (decision_digest ~ '^[0-9a-f]{64}$'),
    engine_version text NOT NULL,
    library_versions jsonb NOT NULL
);

CREATE TABLE strategies (
    id text PRIMARY KEY CHECK (id <> ''),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    is_active boolean NOT NULL,
    newest_version integer NOT NULL CHECK (newest_version >= 1),
    allowed_symbols text[] NOT NULL,
    session_windows jsonb NOT NULL,
    entry_conditions jsonb NOT NULL,
    exit_rules jsonb NOT NULL,
    forbidden_conditions jsonb NOT NULL,
    risk_caps jsonb NOT NULL,
    rr_expectation numeric NOT NULL CHECK (rr_expectation > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE TABLE strategy_versions (
    strategy_id text NOT NULL REFERENCES strategies,
    version integer NOT NULL CHECK (version >= 1),
    digest text NOT NULL CHECK (digest <> ''),
    document jsonb NOT NULL,
    spec jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (strategy_id, version)
);

CREATE TABLE risk_config_versions (
    version integer PRIMARY KEY CHECK (version >= 1),
    policy jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE risk_config (
    id integer PRIMARY KEY CHECK (id = 1),
    version integer NOT NULL REFERENCES risk_config_versions,
    ai_trading_enabled boolean NOT NULL,
    mode text NOT NULL CHECK (mode IN ('supervised', 'autonomous')),
    min_confidence_threshold numeric NOT NULL CHECK (min_confidence_threshold BETWEEN 0 AND 100),
    last_halt_reason text,
    updated_at timestamptz NOT NULL
);
CREATE TABLE halts (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    reason text NOT NULL,
    actor text NOT NULL CHECK (actor <> ''),
    since timestamptz NOT NULL,
    in_force boolean NOT NULL
);
CREATE UNIQUE INDEX halts_one_in_force ON halts (in_force) WHERE in_force;
CREATE TABLE watchlist (symbol text PRIMARY KEY CHECK (symbol <> ''), place integer NOT NULL UNIQUE);

CREATE TABLE trade_ideas (
    id text PRIMARY KEY CHECK (id <> ''),
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    symbol text NOT NULL CHECK (symbol <> ''),
    direction text NOT NULL CHECK (direction IN ('buy', 'sell')),
    entry_price numeric NOT NULL CHECK (entry_price > 0),
    stop_loss numeric NOT NULL CHECK (stop_loss > 0),
    take_profit numeric[] NOT NULL CHECK (cardinality(take_profit) >= 1),
    rr numeric NOT NULL CHECK (rr >= 0),
    lots numeric NOT NULL CHECK (lots >= 0),
    risk_amount numeric NOT NULL CHECK (risk_amount >= 0),
    rationale text NOT NULL,
    confidence_score numeric NOT NULL CHECK (confidence_score BETWEEN 0 AND 100),
    status text NOT NULL CHECK (status IN (
        'waiting', 'needs_approval', 'auto_executed', 'approved_executed', 'rejected', 'halted_by_risk', 'expired',
        'failed')),
    strategy_id text NOT NULL,
    strategy_version integer NOT NULL,
    snapshot_ref text,
    history_seq bigint NOT NULL REFERENCES decision_history,
    idea jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    wall_expires_at timestamptz,
    updated_at timestamptz NOT NULL,
    FOREIGN KEY (strategy_id, strategy_version) REFERENCES strategy_versions DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX trade_ideas_status ON trade_ideas (status);
CREATE INDEX trade_ideas_symbol ON trade_ideas (symbol, created_at DESC);
CREATE INDEX trade_ideas_created ON trade_ideas (created_at DESC);

CREATE TABLE order_intents (
    id text PRIMARY KEY CHECK (id <> ''),
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL CHECK (kind IN ('open', 'reduce', 'protect')),
    decision_id text NOT NULL REFERENCES decisions DEFERRABLE INITIALLY DEFERRED,
    idea_id text REFERENCES trade_ideas DEFERRABLE INITIALLY DEFERRED,
    strategy_id text,
    symbol text NOT NULL CHECK (symbol <> ''),
    side text CHECK (side IN ('buy', 'sell')),
    ticket bigint,
    lots numeric CHECK (lots > 0),
    risk_amount numeric CHECK (risk_amount >= 0),
    margin numeric CHECK (margin >= 0),
    magic bigint CHECK (magic > 0),
    intent jsonb NOT NULL,
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    history_seq bigint NOT NULL REFERENCES decision_history,
    judged_at timestamptz NOT NULL,
    CHECK ((kind = 'open') = (num_nulls(idea_id, strategy_id, risk_amount, margin, magic) = 0)),
    CHECK ((kind = 'open') = (ticket IS NULL)),
    CHECK ((kind = 'protect') = (num_nonnulls(side, lots) = 0)),
    CHECK ((kind <> 'protect') = (num_nulls(side, lots) = 0))
);
CREATE INDEX order_intents_idea ON order_intents (idea_id, number DESC) WHERE idea_id IS NOT NULL;
CREATE INDEX order_intents_seq ON order_intents (history_seq);

CREATE TABLE outbox (
    intent_id text PRIMARY KEY REFERENCES order_intents,
    magic bigint,
    status text NOT NULL CHECK (status IN ('queued', 'sent', 'unknown', 'filled', 'rejected', 'voided', 'failed')),
    position_ticket bigint CHECK (position_ticket >= 0),
    lookups integer NOT NULL CHECK (lookups >= 0),
    last_lookup_at timestamptz,
    detail text NOT NULL,
    updated_at timestamptz NOT NULL
);
-- An order identity that is at the broker, or may be, belongs to one intent alone.
CREATE UNIQUE INDEX outbox_one_per_magic ON outbox (magic) WHERE status IN ('queued', 'sent', 'unknown', 'filled');
CREATE INDEX outbox_unfinished ON outbox (intent_id) WHERE status IN ('queued', 'sent', 'unknown');

CREATE TABLE positions (
    ticket bigint PRIMARY KEY,
    idea_id text NOT NULL REFERENCES trade_ideas DEFERRABLE INITIALLY DEFERRED,
    strategy_id text NOT NULL,
    symbol text NOT NULL CHECK (symbol <> ''),
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    lots numeric NOT NULL CHECK (lots > 0),
    entry_price numeric NOT NULL CHECK (entry_price > 0),
    stop_loss numeric NOT NULL,
    take_profit numeric NOT NULL,
    initial_risk numeric NOT NULL CHECK (initial_risk > 0),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    exit_price numeric,
    net_profit numeric,
    commission numeric,
    swap numeric,
    r_multiple numeric,
    close_reason text,
    close_seq bigint REFERENCES decision_history,
    CHECK (num_nulls(closed_at, exit_price, net_profit, commission, swap, r_multiple, close_reason, close_seq)
           IN (0, 8)),
    CHECK (closed_at >= opened_at)
);
CREATE INDEX positions_open ON positions (ticket) WHERE closed_at IS NULL;
CREATE INDEX positions_closed ON positions (closed_at DESC, ticket DESC) WHERE closed_at IS NOT NULL;

CREATE TABLE spent_setups (
    strategy_id text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    PRIMARY KEY (strategy_id, symbol, side)
);
CREATE TABLE desk_figures (
    id integer PRIMARY KEY CHECK (id = 1),
    day_started_at timestamptz,
    day_balance numeric,
    day_equity numeric,
    day_realised_profit numeric,
    day_late boolean,
    initial_balance numeric,
    high_water_mark numeric,
    CHECK (num_nulls(day_started_at, day_balance, day_equity, day_realised_profit, day_late) IN (0, 5))
);
CREATE TABLE bookmarks (name text PRIMARY KEY, value text NOT NULL);

CREATE TABLE evaluations (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    decision_id text NOT NULL UNIQUE,
    as_of timestamptz NOT NULL,
    symbol text NOT NULL CHECK (symbol <> ''),
    strategy_id text NOT NULL,
    strategy_version integer NOT NULL,
    bar_ended_at timestamptz,
    entry_held boolean NOT NULL,
    exit_held boolean NOT NULL,
    proximity numeric NOT NULL,
    decision_digest text NOT NULL,
    refusal text,
    embargo_title text
);
CREATE INDEX evaluations_time ON evaluations (as_of, number);
CREATE INDEX evaluations_symbol ON evaluations (symbol, as_of DESC);
CREATE INDEX evaluations_strategy ON evaluations (strategy_id, as_of DESC);

CREATE TABLE snapshot_account (
    captured_at timestamptz PRIMARY KEY,
    balance numeric NOT NULL,
    equity numeric NOT NULL,
    margin_used numeric NOT NULL,
    margin_free numeric NOT NULL,
    open_pl numeric NOT NULL,
    open_positions integer NOT NULL CHECK (open_positions >= 0)
);
"""

FUNCTIONS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION history_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest record;
BEGIN
    SELECT seq, entry_hash INTO newest FROM decision_history ORDER BY seq DESC LIMIT 1;
    IF NEW.seq <> coalesce(newest.seq, 0) + 1 OR NEW.prev_hash <> coalesce(newest.entry_hash, repeat('0', 64)) THEN
        RAISE EXCEPTION 'entry % does not follow entry % of the history', NEW.seq, coalesce(newest.seq, 0)
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER history_follows BEFORE INSERT ON decision_history FOR EACH ROW EXECUTE FUNCTION history_follows();

CREATE FUNCTION high_water_mark_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.high_water_mark > coalesce(NEW.high_water_mark, '-Infinity') THEN
        RAISE EXCEPTION 'the high-water mark is % and cannot fall to %', OLD.high_water_mark, NEW.high_water_mark
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER high_water_mark_rises BEFORE UPDATE ON desk_figures
    FOR EACH ROW EXECUTE FUNCTION high_water_mark_rises();

-- Whoever changes a part of the desk's book, this program or a person with psql, makes readers look again.
CREATE FUNCTION raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE revisions SET value = value + 1 WHERE part = TG_ARGV[0];
    RETURN NULL;
END $$;
"""

ADD_ONLY = (
    "decision_history", "snapshot_bundle", "bar_chunks", "decisions", "order_intents", "strategy_versions",
    "risk_config_versions",
)  # fmt: skip

PARTS = {
    "decision_history": "history",
    "risk_config": "policy",
    "halts": "halt",
    "watchlist": "watchlist",
    "strategies": "strategies",
    "strategy_versions": "strategies",
    "trade_ideas": "ideas",
    "order_intents": "intents",
    "outbox": "intents",
    "positions": "positions",
    "spent_setups": "setups",
    "desk_figures": "figures",
    "bookmarks": "bookmarks",
}

GRANTS = (
    "SELECT, INSERT ON decision_history, snapshot_bundle, bar_chunks, decisions, order_intents",
    "SELECT, INSERT ON strategy_versions, risk_config_versions, evaluations",
    "SELECT, INSERT, UPDATE ON risk_config, desk_figures, bookmarks, snapshot_account",
    "SELECT, INSERT, DELETE ON watchlist, spent_setups",
    "SELECT, INSERT, UPDATE (in_force) ON halts",
    "SELECT, INSERT, UPDATE (is_active, newest_version, updated_at) ON strategies",
    "UPDATE (allowed_symbols, session_windows, entry_conditions, exit_rules, forbidden_conditions) ON strategies",
    "UPDATE (risk_caps, rr_expectation) ON strategies",
    # Levels never change: a different level is a different idea.
    "SELECT, INSERT, UPDATE (status, updated_at) ON trade_ideas",
    "SELECT, INSERT, UPDATE (status, position_ticket, lookups, last_lookup_at, detail, updated_at) ON outbox",
    "SELECT, INSERT, UPDATE (lots, entry_price, stop_loss, take_profit, opened_at) ON positions",
    "UPDATE (closed_at, exit_price, net_profit, commission, swap, r_multiple, close_reason, close_seq) ON positions",
    "SELECT, UPDATE (value) ON revisions",
    "SELECT ON alembic_version",
)


def upgrade() -> None:
    """Make the tables, their triggers and the application's rights."""
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    for table in ADD_ONLY:
        op.execute(
            f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for part in sorted(set(PARTS.values())):
        op.execute(f"INSERT INTO revisions (part) VALUES ('{part}')")  # noqa: S608  names of this file
    for table, part in PARTS.items():
        op.execute(
            f"CREATE TRIGGER raise_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION raise_revision('{part}')"
        )
    for grant in GRANTS:
        _grant(grant)


def downgrade() -> None:
    """Remove everything, history included: there is nothing before this revision."""
    tables = (
        "evaluations", "snapshot_account", "bookmarks", "desk_figures", "spent_setups", "positions", "outbox",
        "order_intents", "trade_ideas", "watchlist", "halts", "risk_config", "risk_config_versions",
        "strategy_versions", "strategies", "decisions", "bar_chunks", "snapshot_bundle", "decision_history",
        "revisions",
    )  # fmt: skip
    for table in tables:
        op.execute(f"DROP TABLE {table}")
    for function in ("refuse_change", "history_follows", "high_water_mark_rises", "raise_revision"):
        op.execute(f"DROP FUNCTION {function}()")


def _grant(what: str) -> None:
    op.execute(
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tradewarden_app') THEN"
        f" GRANT {what} TO tradewarden_app; END IF; END $$"
    )
