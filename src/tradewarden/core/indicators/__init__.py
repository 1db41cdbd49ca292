"""Indicators: named series computed from closed bars, their minimum windows and the quanta they are read in.

This package knows bars and nothing of strategies; the evaluation of a strategy reads the series it returns.
"""
