"""The HTTP interface: routes over services and read models, sign-in, live events, and the built web pages.

Nothing here decides about trading. ``app.create_app`` puts it together from what it is given; there are no globals.
"""
