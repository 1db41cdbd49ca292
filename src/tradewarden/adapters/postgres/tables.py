"""The tables as SQLAlchemy Core sees them: names and types of columns, for building statements.

Constraints, triggers, indexes and rights are made by the migrations alone; a test compares the two.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

METADATA = MetaData()
# Decimal in, Decimal out: numeric keeps the number of decimals it was given.
EXACT = Numeric(asdecimal=True)
MOMENT = DateTime(timezone=True)
JSON = JSONB(none_as_null=True)


def _table(title: str, key: str, /, **columns: TypeEngine[Any]) -> Table:
    """Return the table ``title`` whose primary key is the comma-separated ``key``."""
    keys = key.split(",")
    return Table(title, METADATA, *(Column(c, kind, primary_key=c in keys) for c, kind in columns.items()))


HISTORY = _table(
    "decision_history",
    "seq",
    seq=BigInteger(),
    occurred_at=MOMENT,
    symbol=Text(),
    action=Text(),
    rationale=Text(),
    confidence_score=EXACT,
    risk_check_result=Text(),
    strategy_id=Text(),
    trade_idea_id=Text(),
    snapshot_ref=Text(),
    human_override=Boolean(),
    actor=Text(),
    payload=JSON,
    prev_hash=Text(),
    entry_hash=Text(),
)
BUNDLES = _table("snapshot_bundle", "digest", digest=Text(), content=LargeBinary(), size_bytes=Integer())
CHUNKS = _table("bar_chunks", "digest", digest=Text(), content=LargeBinary(), size_bytes=Integer())
DECISIONS = _table(
    "decisions",
    "decision_id",
    decision_id=Text(),
    seq=BigInteger(),
    inputs_digest=Text(),
    decision=JSON,
    decision_digest=Text(),
    engine_version=Text(),
    library_versions=JSON,
)
STRATEGIES = _table(
    "strategies",
    "id",
    id=Text(),
    name=Text(),
    is_active=Boolean(),
    newest_version=Integer(),
    allowed_symbols=ARRAY(Text()),
    session_windows=JSON,
    entry_conditions=JSON,
    exit_rules=JSON,
    forbidden_conditions=JSON,
    risk_caps=JSON,
    rr_expectation=EXACT,
    created_at=MOMENT,
    updated_at=MOMENT,
)
STRATEGY_VERSIONS = _table(
    "strategy_versions",
    "strategy_id,version",
    strategy_id=Text(),
    version=Integer(),
    digest=Text(),
    document=JSON,
    spec=JSON,
    published_at=MOMENT,
    short=JSON,
)
POLICY_VERSIONS = _table("risk_config_versions", "version", version=Integer(), policy=JSON, created_at=MOMENT)
POLICY = _table(
    "risk_config",
    "id",
    id=Integer(),
    version=Integer(),
    ai_trading_enabled=Boolean(),
    mode=Text(),
    min_confidence_threshold=EXACT,
    last_halt_reason=Text(),
    updated_at=MOMENT,
)
HALTS = Table(
    "halts",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("code", Text),
    Column("reason", Text),
    Column("actor", Text),
    Column("since", MOMENT),
    Column("in_force", Boolean),
)
WATCHLIST = _table("watchlist", "symbol", symbol=Text(), place=Integer())
ACCOUNTS = _table("accounts", "login,server", login=BigInteger(), server=Text(), bound_at=MOMENT)
REFERENCE_VERSIONS = _table(
    "reference_versions", "kind,version", kind=Text(), version=Integer(), content=JSON, created_at=MOMENT
)
SYMBOL_MAP = _table("symbol_map", "canonical", canonical=Text(), symbol=Text())
SESSIONS = _table("sessions", "name", name=Text(), starts=Text(), ends=Text(), timezone=Text(), days=ARRAY(Integer()))
IDEAS = Table(
    "trade_ideas",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, Identity(always=True)),
    Column("symbol", Text),
    Column("direction", Text),
    Column("entry_price", EXACT),
    Column("stop_loss", EXACT),
    Column("take_profit", ARRAY(EXACT)),
    Column("rr", EXACT),
    Column("lots", EXACT),
    Column("risk_amount", EXACT),
    Column("rationale", Text),
    Column("confidence_score", EXACT),
    Column("status", Text),
    Column("strategy_id", Text),
    Column("strategy_version", Integer),
    Column("snapshot_ref", Text),
    Column("history_seq", BigInteger),
    Column("idea", JSON),
    Column("created_at", MOMENT),
    Column("expires_at", MOMENT),
    Column("wall_expires_at", MOMENT),
    Column("updated_at", MOMENT),
)
INTENTS = Table(
    "order_intents",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, Identity(always=True)),
    Column("kind", Text),
    Column("decision_id", Text),
    Column("idea_id", Text),
    Column("strategy_id", Text),
    Column("symbol", Text),
    Column("side", Text),
    Column("ticket", BigInteger),
    Column("lots", EXACT),
    Column("risk_amount", EXACT),
    Column("margin", EXACT),
    Column("magic", BigInteger),
    Column("intent", JSON),
    Column("digest", Text),
    Column("history_seq", BigInteger),
    Column("judged_at", MOMENT),
)
OUTBOX = _table(
    "outbox",
    "intent_id",
    intent_id=Text(),
    magic=BigInteger(),
    status=Text(),
    position_ticket=BigInteger(),
    lookups=Integer(),
    last_lookup_at=MOMENT,
    detail=Text(),
    updated_at=MOMENT,
)
POSITIONS = _table(
    "positions",
    "ticket",
    ticket=BigInteger(),
    idea_id=Text(),
    strategy_id=Text(),
    symbol=Text(),
    side=Text(),
    lots=EXACT,
    entry_price=EXACT,
    stop_loss=EXACT,
    take_profit=EXACT,
    initial_risk=EXACT,
    opened_at=MOMENT,
    closed_at=MOMENT,
    exit_price=EXACT,
    net_profit=EXACT,
    commission=EXACT,
    swap=EXACT,
    r_multiple=EXACT,
    close_reason=Text(),
    close_seq=BigInteger(),
    initial_lots=EXACT,
    initial_stop=EXACT,
    targets=JSON,
    targets_done=Integer(),
    approved_lots=EXACT,
    realised=EXACT,
    realised_lots=EXACT,
)
SETUPS = _table("spent_setups", "strategy_id,symbol,side", strategy_id=Text(), symbol=Text(), side=Text())
FIGURES = _table(
    "desk_figures",
    "id",
    id=Integer(),
    day_started_at=MOMENT,
    day_balance=EXACT,
    day_equity=EXACT,
    day_realised_profit=EXACT,
    day_late=Boolean(),
    day_deposits=EXACT,
    day_buffer=Text(),
    initial_balance=EXACT,
    high_water_mark=EXACT,
    balance_mark=EXACT,
    deposits=EXACT,
    booked_deal=BigInteger(),
    booked_balance=EXACT,
    booked_at=MOMENT,
)
BOOKMARKS = _table("bookmarks", "name", name=Text(), value=Text())
REVISIONS = _table("revisions", "part", part=Text(), value=BigInteger())
EVALUATIONS = Table(
    "evaluations",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("decision_id", Text),
    Column("as_of", MOMENT),
    Column("symbol", Text),
    Column("strategy_id", Text),
    Column("strategy_version", Integer),
    Column("bar_ended_at", MOMENT),
    Column("entry_held", Boolean),
    Column("exit_held", Boolean),
    Column("proximity", EXACT),
    Column("decision_digest", Text),
    Column("refusal", Text),
    Column("embargo_title", Text),
)
ACCOUNT_POINTS = _table(
    "snapshot_account",
    "captured_at",
    captured_at=MOMENT,
    balance=EXACT,
    equity=EXACT,
    margin_used=EXACT,
    margin_free=EXACT,
    open_pl=EXACT,
    open_positions=Integer(),
)
USERS = _table("users", "id", id=Text(), name=Text(), role=Text(), created_at=MOMENT)
SIGN_IN_LINKS = _table(
    "sign_in_links",
    "token_hash",
    token_hash=Text(),
    user_id=Text(),
    created_at=MOMENT,
    expires_at=MOMENT,
    used_at=MOMENT,
)
WEB_SESSIONS = _table(
    "web_sessions",
    "token_hash",
    token_hash=Text(),
    user_id=Text(),
    created_at=MOMENT,
    last_seen_at=MOMENT,
    expires_at=MOMENT,
    revoked_at=MOMENT,
)
