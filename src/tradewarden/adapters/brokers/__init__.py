"""Brokers behind the ``Broker`` port, one folder per kind of terminal."""
