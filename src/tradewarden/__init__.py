"""Tradewarden: an AI trading desk for MetaTrader 5 that can be audited.

The package is layered (see ARCHITECTURE.md): ``core`` decides and is pure, ``ports`` names what the outside must
offer, ``adapters`` offers it, ``services`` are the use cases, and ``bootstrap`` puts one desk together.
"""

__version__ = "0.1.0"
