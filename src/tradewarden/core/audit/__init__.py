"""Canonical encoding, content digests and the hash chain of the decision history.

What is recorded is encoded in one way only, so that equal values have equal digests on any machine. Lives below the
domain: it knows dataclasses and JSON, not trades.
"""
