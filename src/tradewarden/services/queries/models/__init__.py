"""The shapes of the read models, one module per noun: frozen dataclasses that are served as they stand.

Field types are the contract of the HTTP interface: decimals travel as strings of plain digits, times as UTC with
``Z``, fractions as fractions (``"0.25"`` is 25 %). No field has a default, so that every one is always present.
"""
