"""What the terminal answers to ``order_check`` and ``order_send``.

Joins the dealer's judgement, the booking and the reply's record; the connection and ``last_error`` are the terminal's.
"""

from decimal import Decimal

from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.book import Book
from tradewarden.mt5sim.dealing import Dealer, Opening, Refusal
from tradewarden.mt5sim.records import OrderCheckResult, OrderSendResult, build
from tradewarden.mt5sim.requests import RETCODE_WORDS, Request
from tradewarden.mt5sim.views import account_sums


class OrderDesk:
    """Takes checked requests and answers them as the server does."""

    def __init__(self, book: Book, dealer: Dealer) -> None:
        self._book = book
        self._dealer = dealer
        self._sent = 0

    def check(self, request: Request) -> OrderCheckResult:
        """Return the account as it would be after ``request``, and retcode 0 if the server would take it."""
        judged = self._dealer.judge(request)
        margin = judged.margin if isinstance(judged, Opening) else Decimal(0)
        retcode, words = (judged.retcode, judged.words) if isinstance(judged, Refusal) else (0, RETCODE_WORDS[0])
        sums = account_sums(self._book, margin)
        return build(OrderCheckResult, retcode=retcode, comment=words, request=request.record, **sums)

    def send(self, request: Request, *, auto_trading: bool) -> OrderSendResult:
        """Execute ``request`` if the server allows it; the journal holds it before this returns."""
        self._sent += 1
        refused = Refusal(mt5.TRADE_RETCODE_CLIENT_DISABLES_AT)
        judged = self._dealer.judge(request) if auto_trading else refused
        bid, ask = self._quote(request.record.symbol)
        if isinstance(judged, Refusal):
            return build(
                OrderSendResult,
                retcode=judged.retcode,
                bid=bid,
                ask=ask,
                comment=judged.words,
                request_id=self._sent,
                request=request.record,
            )
        done = mt5.TRADE_RETCODE_DONE
        traded = self._dealer.execute(request, judged)
        return build(
            OrderSendResult,
            retcode=done,
            deal=traded.deal.ticket if traded else 0,
            order=traded.deal.order if traded else 0,
            volume=float(traded.deal.volume) if traded else 0.0,
            price=float(traded.deal.price) if traded else 0.0,
            bid=bid,
            ask=ask,
            comment=RETCODE_WORDS[done],
            request_id=self._sent,
            request=request.record,
        )

    def _quote(self, symbol: str) -> tuple[float, float]:
        prices = self._book.prices.get(symbol)
        tick = None if prices is None else self._book.tick(symbol)
        if prices is None or tick is None:
            return 0.0, 0.0
        return float(prices.price(tick.bid)), float(prices.price(tick.ask))
