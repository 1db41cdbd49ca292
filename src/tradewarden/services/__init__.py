"""The use cases of the desk, one per file, each a verb.

A service gathers inputs through ports, lets the core decide, records the outcome in one transaction and only then
acts. Services know Protocols, never an adapter.
"""
