"""The command line: every command of ``tradewarden``, and how it reaches a desk.

Commands read what was typed, call one service, query or route, and print the answer; nothing here decides about
trading. Everything heavy is imported inside the commands, so that ``--help`` answers at once.
"""
