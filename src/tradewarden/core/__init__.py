"""The decision core: pure functions over frozen values.

Nothing in here reads a clock, a file, a socket, an id generator or a random number; everything a decision depends
on arrives as an argument, which is what makes a recorded decision recomputable.
"""
