"""What only the HTTP edge can refuse: who asks, and from where."""

from tradewarden.core.errors import TradewardenError


class Unauthorized(TradewardenError):
    """Nobody is signed in, or the token is unknown, used or expired."""


class Forbidden(TradewardenError):
    """The request comes from where no act may come from."""


class TooLarge(TradewardenError):
    """The body is larger than the interface reads."""
