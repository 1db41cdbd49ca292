"""Session names and hours of legacy files as session windows of a strategy document.

A legacy session is a bare name or hours without a zone; a document's window stands on the clock of an IANA zone. What
a ``sessions.csv`` of the same import defines goes before the names that are built in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.session import NAMED_SESSIONS, WEEKDAYS, zone
from tradewarden.core.strategy.document.reading import Tree
from tradewarden.core.strategy.document.rules import nearest
from tradewarden.core.strategy.legacy.findings import Notes
from tradewarden.core.strategy.legacy.reader import ObjectReader

Window = dict[str, Any]
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?")
_HOURS = re.compile(r"\s*([0-9:]{4,8})\s*(?:-|–|to)\s*([0-9:]{4,8})\s*")
_ALIASES: Mapping[str, str] = {
    "ny": "NewYork",
    "newyork": "NewYork",
    "us": "NewYork",
    "asia": "Tokyo",
    "asian": "Tokyo",
}
_WHOLE_WEEK: Mapping[str, tuple[int, int]] = {"all": (0, 6), "daily": (0, 6), "everyday": (0, 6), "weekdays": (0, 4)}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ZONES = ("UTC", *(window.zone_name for window in NAMED_SESSIONS.values()), "Europe/Berlin", "Africa/Johannesburg")
_OWN_ZONE = (
    "the hours of {name} on the clock of {zone}, daylight saving included; the earlier console knew the name with "
    "fixed hours of its own clock"
)
_NO_ZONE = "names no time zone: read as {zone} (--timezone chooses another)"


@dataclass(slots=True)
class Windows:
    """What session names mean in this import: ``named`` by normalised name, ``by_symbol`` by canonical symbol."""

    named: dict[str, list[Window]] = field(default_factory=dict)
    by_symbol: dict[str, list[Window]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)


def key_of(name: str) -> str:
    """Return ``name`` without case, spaces and marks: ``New York`` and ``new_york`` are one session."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def clock(text: str, place: str, notes: Notes, *, is_end: bool) -> str | None:
    """Return a time of day as ``HH:MM``; the last minute of a day as an end becomes midnight. None when refused."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[1]) > 24 or (int(match[1]) == 24 and (not is_end or match[2] != "00")):
        notes.refuse(place, text, "must be a time of day such as 07:00")
        return None
    hours, minutes, seconds = int(match[1]) % 24, match[2], match[3] or "00"
    if is_end and (hours, minutes) == (23, "59"):
        notes.changed(place, text, "00:00", "the end is not part of a window, so a whole day ends at midnight")
        return "00:00"
    if seconds != "00":
        notes.refuse(place, text, "must be whole minutes")
        return None
    return f"{hours:02d}:{minutes}"


def zone_of(text: str, place: str, notes: Notes, usual: str) -> str | None:
    """Return the IANA zone ``text``, ``usual`` where it is empty. None when refused."""
    if not text.strip():
        notes.changed(place, "", usual, _NO_ZONE.format(zone=usual))
        return usual
    try:
        zone(text.strip())
    except (InvalidInput, OSError):  # a folder of the zone database, such as 'Europe', is an OSError
        notes.refuse(place, text, "must be an IANA time zone such as 'Europe/London'", nearest(text, _ZONES))
        return None
    return text.strip()


def days_of(text: str, place: str, notes: Notes) -> list[str] | None:
    """Return weekdays from ``Mon-Fri``, ``Mon,Wed``, ``1-5`` or ``weekdays``; Monday to Friday when empty."""
    word = key_of(text)
    if not word:
        notes.changed(place, "", "Mon-Fri", "names no days")
        return list(WEEKDAYS[:5])
    if word in _WHOLE_WEEK:
        first, last = _WHOLE_WEEK[word]
        return list(WEEKDAYS[first : last + 1])
    found: list[int] = []
    for part in re.split(r"[,;|/ ]+", text.strip()):
        ends = [_weekday(end) for end in re.split(r"[-–]", part)]
        if len(ends) > 2 or any(end is None for end in ends):
            notes.refuse(place, text, "must be weekdays such as Mon-Fri or Mon,Wed,Fri (1 is Monday)")
            return None
        first, last = ends[0] or 0, ends[-1] or 0
        found += [day % 7 for day in range(first, last + 1 if first <= last else last + 8)]
    return [WEEKDAYS[day] for day in sorted(set(found))]


def _weekday(text: str) -> int | None:
    word = text.strip().lower()
    if word.isascii() and word.isdecimal():
        return int(word) - 1 if 1 <= int(word) <= 7 else None
    return next((day for day, name in enumerate(_DAYS) if len(word) >= 3 and name.startswith(word)), None)


def translate_sessions(items: list[Tree], reader: ObjectReader, key: str, windows: Windows, usual: str) -> list[Any]:
    """Return the session windows that the list ``items`` at ``key`` names; what is not known is refused."""
    found: list[Any] = []
    for index, item in enumerate(items):
        place = f"{reader.place(key)}/{index}"
        for window in _translate_session(item, place, reader.notes, windows, usual):
            if window in found:
                reader.notes.left_out(place, item, "stands twice")
            else:
                found.append(window)
    return found


def _translate_session(item: Tree, place: str, notes: Notes, windows: Windows, usual: str) -> list[Any]:
    if isinstance(item, dict):
        return _from_object(ObjectReader(item, place, notes), usual)
    if not isinstance(item, str) or not item.strip():
        notes.refuse(place, item, "must be the name of a session or its hours")
        return []
    hours = _HOURS.fullmatch(item)
    if hours is not None:
        start = clock(hours[1], place, notes, is_end=False)
        end = clock(hours[2], place, notes, is_end=True)
        zone_name = zone_of("", place, notes, usual)
        if start is None or end is None or zone_name is None:
            return []
        return [{"start": start, "end": end, "timezone": zone_name, "days": list(WEEKDAYS[:5])}]
    word = key_of(item)
    if word in windows.named:
        notes.translated(place, item, windows.named[word])
        return list(windows.named[word])
    name = _ALIASES.get(word) or next((each for each in NAMED_SESSIONS if key_of(each) == word), None)
    if name is None:
        known = (*NAMED_SESSIONS, *windows.titles.values())
        notes.refuse(place, item, f"no such session; known are {', '.join(known)}", nearest(item, known))
        return []
    notes.changed(place, item, name, _OWN_ZONE.format(name=name, zone=NAMED_SESSIONS[name].zone_name))
    return [name]


def _from_object(reader: ObjectReader, usual: str) -> list[Any]:
    notes = reader.notes
    reader.text("name")
    start_text, end_text = reader.text("start", required=True), reader.text("end", required=True)
    start = None if start_text is None else clock(start_text, reader.place("start"), notes, is_end=False)
    end = None if end_text is None else clock(end_text, reader.place("end"), notes, is_end=True)
    zone_name = zone_of(reader.text("timezone") or "", reader.place("timezone"), notes, usual)
    given = reader.items("days")
    words = ",".join(str(day) for day in given)
    days = days_of(words, reader.place("days"), notes)
    reader.finish()
    if start is None or end is None or zone_name is None or days is None:
        return []
    window = {"start": start, "end": end, "timezone": zone_name, "days": days}
    notes.translated(reader.pointer, f"{start_text}–{end_text}", window)
    return [window]
