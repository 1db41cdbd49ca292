"""What looking after positions needs: size and stop of the fill, targets, what is booked, and ends without figures.

A position that a person cleared has an end and a reason, and no figures: what it came to is not known.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE positions
    ADD COLUMN initial_lots numeric CHECK (initial_lots > 0),
    ADD COLUMN initial_stop numeric,
    ADD COLUMN targets jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN targets_done integer NOT NULL DEFAULT 0 CHECK (targets_done >= 0),
    ADD COLUMN approved_lots numeric CHECK (approved_lots >= 0),
    ADD COLUMN realised numeric NOT NULL DEFAULT 0,
    ADD COLUMN realised_lots numeric NOT NULL DEFAULT 0,
    DROP CONSTRAINT positions_check,
    ADD CONSTRAINT positions_end_whole CHECK (num_nulls(closed_at, close_reason, close_seq) IN (0, 3)),
    ADD CONSTRAINT positions_figures_whole CHECK (
        num_nulls(exit_price, net_profit, commission, swap, r_multiple) IN (0, 5)
        AND (closed_at IS NOT NULL OR exit_price IS NULL)
    );
"""

BACK = """
DELETE FROM positions WHERE closed_at IS NOT NULL AND exit_price IS NULL;
ALTER TABLE positions
    DROP CONSTRAINT positions_figures_whole,
    DROP CONSTRAINT positions_end_whole,
    ADD CONSTRAINT positions_check CHECK (
        num_nulls(closed_at, exit_price, net_profit, commission, swap, r_multiple, close_reason, close_seq) IN (0, 8)
    ),
    DROP COLUMN initial_lots,
    DROP COLUMN initial_stop,
    DROP COLUMN targets,
    DROP COLUMN targets_done,
    DROP COLUMN approved_lots,
    DROP COLUMN realised,
    DROP COLUMN realised_lots;
"""


# The initial lots and stop are set once for positions from before they were kept, and so is everything that moves.
GRANT = (
    "UPDATE (initial_lots, initial_stop, targets, targets_done, approved_lots, realised, realised_lots) ON positions"
)


def upgrade() -> None:
    """Add the columns, let the application write them, and let a position end without figures."""
    op.execute(COLUMNS)
    op.execute(
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tradewarden_app') THEN"
        f" GRANT {GRANT} TO tradewarden_app; END IF; END $$"
    )


def downgrade() -> None:
    """Take the columns away, and with them the positions that were cleared."""
    op.execute(BACK)
