"""The market as a decision sees it: instruments, bars, quotes, sessions, the calendar, and the snapshot of them."""
