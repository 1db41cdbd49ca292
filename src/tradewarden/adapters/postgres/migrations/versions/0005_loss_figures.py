"""What loss limits are counted from, in full: deposits, the mark of daily balances, and how far deals are booked."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE desk_figures
    ADD COLUMN day_deposits numeric,
    ADD COLUMN day_buffer text CHECK (day_buffer IN ('none', 'soft', 'flatten')),
    ADD COLUMN balance_mark numeric,
    ADD COLUMN deposits numeric,
    ADD COLUMN booked_deal bigint,
    ADD COLUMN booked_balance numeric,
    ADD COLUMN booked_at timestamptz,
    ADD CONSTRAINT booked_whole CHECK (num_nulls(booked_deal, booked_balance, booked_at) IN (0, 3));
"""

BOTH_MARKS_RISE = """
CREATE OR REPLACE FUNCTION high_water_mark_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.high_water_mark > coalesce(NEW.high_water_mark, '-Infinity') THEN
        RAISE EXCEPTION 'the high-water mark is % and cannot fall to %', OLD.high_water_mark, NEW.high_water_mark
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.balance_mark > coalesce(NEW.balance_mark, '-Infinity') THEN
        RAISE EXCEPTION 'the mark of daily balances is % and cannot fall to %', OLD.balance_mark, NEW.balance_mark
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""

ONE_MARK_RISES = """
CREATE OR REPLACE FUNCTION high_water_mark_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.high_water_mark > coalesce(NEW.high_water_mark, '-Infinity') THEN
        RAISE EXCEPTION 'the high-water mark is % and cannot fall to %', OLD.high_water_mark, NEW.high_water_mark
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""

ADDED = ("day_deposits", "day_buffer", "balance_mark", "deposits", "booked_deal", "booked_balance", "booked_at")


def upgrade() -> None:
    """Add the columns, and let the second mark only rise too."""
    op.execute(COLUMNS)
    op.execute(BOTH_MARKS_RISE)


def downgrade() -> None:
    """Remove the columns and what they held."""
    op.execute(ONE_MARK_RISES)
    op.execute(f"ALTER TABLE desk_figures {', '.join(f'DROP COLUMN {name}' for name in ADDED)}")
