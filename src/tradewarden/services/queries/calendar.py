"""Reading the economic calendar: what is near for the watched symbols, and what embargo it imposes."""

from datetime import datetime, timedelta

from tradewarden.core.errors import InvalidSetting, MarketDataUnavailable
from tradewarden.core.market.calendar import CalendarEvent, Embargo, Impact
from tradewarden.services.context import Desk
from tradewarden.services.queries.models.market import CalendarView, EventView


def upcoming_events(desk: Desk) -> CalendarView:
    """Return the events from a day back to two days ahead for the watched currencies, in order of time."""
    now = desk.clock.market_now()
    with desk.storage.read() as reading:
        policy, watched = reading.policy(), reading.watchlist()
    if policy is None:
        raise InvalidSetting("the desk has no risk policy yet: start it once with `tradewarden up`")
    exposed = watched_currencies(desk, watched)
    currencies = tuple(dict.fromkeys(name for names in exposed.values() for name in names))
    view = desk.calendar.view(now, currencies)
    embargo = policy.policy.minimum_embargo
    return CalendarView(
        as_of=now,
        captured_at=view.captured_at,
        covers_until=view.covers_until,
        assumed=view.assumed,
        currencies=currencies,
        events=tuple(event_view(event, embargo, exposed, now) for event in view.events),
    )


def watched_currencies(desk: Desk, watched: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the currencies whose news move each watched symbol that is on offer."""
    found = {}
    on_offer = set(desk.market.symbols())
    for symbol in watched:
        if symbol in on_offer:
            try:
                found[symbol] = desk.market.instrument(symbol).currencies
            except MarketDataUnavailable:
                # A symbol that cannot be priced cannot be traded either; the health of its quote says so.
                continue
    return found


def event_view(event: CalendarEvent, embargo: Embargo, exposed: dict[str, tuple[str, ...]], now: datetime) -> EventView:
    """Return an event with the window in which nothing is opened around it, and the symbols it concerns."""
    imposes = event.impact is Impact.HIGH and not event.all_day
    everyone = event.currency.upper() == "ALL"
    return EventView(
        at=event.at,
        currency=event.currency,
        impact=event.impact,
        title=event.title,
        all_day=event.all_day,
        previous=event.previous,
        forecast=event.forecast,
        actual=event.actual,
        embargo_from=event.at - timedelta(minutes=embargo.before_minutes) if imposes else None,
        embargo_until=event.at + timedelta(minutes=embargo.after_minutes) if imposes else None,
        in_embargo=imposes and embargo.covers(event, now),
        symbols=tuple(symbol for symbol, names in exposed.items() if everyone or event.currency in names),
    )
