"""The economic calendar as it was known at a moment."""

from datetime import datetime
from typing import Protocol

from tradewarden.core.market.calendar import CalendarView


class Calendar(Protocol):
    """A source of economic events."""

    def view(self, as_of: datetime, currencies: tuple[str, ...]) -> CalendarView:
        """Return the events of ``currencies`` (and of ``ALL``) from 24 h before to 48 h after ``as_of``, as known then.

        An actual figure is blank before its release. Without a calendar, ``captured_at`` is None and no event is given.
        """
