"""Taking values out of a legacy JSON object, each with its rule; what does not fit is refused with its pointer.

A reader remembers what was asked for, so that :meth:`ObjectReader.finish` can name every key that nobody understood.
"""

from collections.abc import Collection
from decimal import Decimal

from tradewarden.core.strategy.document.reading import Tree, child
from tradewarden.core.strategy.document.rules import nearest
from tradewarden.core.strategy.legacy.findings import Notes


class ObjectReader:
    """One object of a legacy file at ``pointer``; a missing object reads as an empty one."""

    def __init__(self, value: Tree, pointer: str, notes: Notes) -> None:
        self.pointer = pointer
        self.notes = notes
        self._known: list[str] = []
        self._tree: dict[str, Tree] = value if isinstance(value, dict) else {}
        self.given = isinstance(value, dict)
        if value is not None and not isinstance(value, dict):
            notes.refuse(pointer, value, "must be an object")

    def place(self, key: str) -> str:
        """Return the JSON pointer of ``key``."""
        return child(self.pointer, key)

    def has(self, key: str) -> bool:
        """Return whether ``key`` is given."""
        self._known.append(key)
        return key in self._tree

    def raw(self, key: str) -> Tree:
        """Return what stands at ``key`` as it is, None when it is not given."""
        self._known.append(key)
        return self._tree.get(key)

    def inner(self, key: str) -> "ObjectReader":
        """Return the object at ``key``."""
        return ObjectReader(self.raw(key), self.place(key), self.notes)

    def text(self, key: str, *, required: bool = False) -> str | None:
        """Return the text at ``key`` without white space around it."""
        value = self.raw(key)
        if value is None:
            if required:
                self.notes.refuse(self.place(key), "", "is required")
            return None
        if not isinstance(value, str) or not value.strip():
            self.notes.refuse(self.place(key), value, "must be a text")
            return None
        return value.strip()

    def switch(self, key: str) -> bool | None:
        """Return the true or false at ``key``."""
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return value
        self.notes.refuse(self.place(key), value, "must be true or false")
        return None

    def number(self, key: str, low: str, high: str) -> Decimal | None:
        """Return the number at ``key`` when it lies from ``low`` to ``high``."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.notes.refuse(self.place(key), value, f"must be a number from {low} to {high}")
            return None
        if not Decimal(low) <= value <= Decimal(high):
            self.notes.refuse(self.place(key), value, f"is outside {low} to {high}")
            return None
        return Decimal(value)

    def whole(self, key: str, low: int, high: int) -> int | None:
        """Return the whole number at ``key`` when it lies from ``low`` to ``high``."""
        value = self.number(key, str(low), str(high))
        if value is None:
            return None
        if value != value.to_integral_value():
            self.notes.refuse(self.place(key), value, "must be a whole number")
            return None
        return int(value)

    def items(self, key: str) -> list[Tree]:
        """Return the list at ``key``, empty when it is not given."""
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.notes.refuse(self.place(key), value, "must be a list")
            return []
        return value

    def leave_out(self, keys: Collection[str], why: str) -> None:
        """Note those of ``keys`` that are given as left out."""
        for key in keys:
            if self.has(key):
                self.notes.left_out(self.place(key), self._tree[key], why)

    def finish(self) -> None:
        """Refuse every key that was not asked for, with the nearest that was."""
        for key, value in self._tree.items():
            if key not in self._known:
                known = ", ".join(dict.fromkeys(self._known))
                self.notes.refuse(
                    self.place(key), value, f"unknown key; known here are {known}", nearest(key, self._known)
                )
