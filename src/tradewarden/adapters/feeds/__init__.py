"""Feeds from outside: today the economic calendar, read from files."""

from tradewarden.adapters.feeds.calendar_files import CalendarFiles, load_calendar

__all__ = ["CalendarFiles", "load_calendar"]
