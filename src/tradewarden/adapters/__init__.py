"""The outside world: one folder or module per outside thing, each implementing a port.

Adapters know the ports and the core, never each other; only the composition root puts them together.
"""
