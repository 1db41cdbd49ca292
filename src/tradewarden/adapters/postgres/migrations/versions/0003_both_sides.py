"""The short side of strategies that trade both."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the specification of the short side; NULL where a strategy trades one side."""
    op.execute("ALTER TABLE strategy_versions ADD COLUMN short jsonb")


def downgrade() -> None:
    """Remove it."""
    op.execute("ALTER TABLE strategy_versions DROP COLUMN short")
