"""Read models: answers for people, computed here so that no screen ever does arithmetic on prices or money.

Each module turns the record, the broker's statement and the market into frozen dataclasses of ``models``. Nothing
here writes, and what cannot be known is None, never zero.
"""
