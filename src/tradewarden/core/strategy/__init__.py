"""Strategies: the published JSON document, its frozen specification, and its evaluation on closed bars."""
