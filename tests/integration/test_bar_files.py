"""Bars files as traders have them: what is read from them, and what is refused with which words."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tradewarden.adapters.bar_files import LoadedBars, load_bars, load_bars_market, parse_clock
from tradewarden.core.errors import InvalidBars, InvalidInput
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock
from tradewarden.mt5sim import BUILT_IN, SimulatedTerminal

NY7 = NEW_YORK_CLOSE
# A Wednesday on the server clock: New York + 7 is UTC + 2 in winter.
FIRST = datetime(2026, 1, 7, 12, tzinfo=UTC)
HEADER = "time,open,high,low,close,tick_volume,spread"
ROWS = [
    f"{FIRST + timedelta(minutes=i):%Y-%m-%d %H:%M:%S},4000.1{i},4001.00,3999.00,4000.2{i},{50 + i},{20 + i}"
    for i in range(5)
]


def load(path: Path, clock: ServerClock | None = NY7, **options: object) -> LoadedBars:
    return load_bars(path, contracts=BUILT_IN, clock=clock, **options)  # type: ignore[arg-type]


def write(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def row(minute: int, prices: str = "4000.1,4001,3999,4000.2", rest: str = "50,20") -> str:
    return f"{FIRST + timedelta(minutes=minute):%Y-%m-%d %H:%M:%S},{prices},{rest}"


def utc(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, 7, hour, minute, tzinfo=UTC)


def test_reads_a_plain_csv_on_a_named_clock(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "XAUUSD_M1.csv", *ROWS))
    bars = loaded.bars
    assert (loaded.symbol, loaded.server_clock, len(bars)) == ("XAUUSD", NY7, 5)
    assert (loaded.report.first_at, loaded.report.last_at) == (utc(10), utc(10, 5))
    assert (bars.open[2], bars.close[2], bars.volume[2], bars.spread[2]) == (4000.12, 4000.22, 52, 22)
    assert loaded.report.notes == ()


def test_reads_the_terminals_export_with_name_gzip_and_windows_line_ends(tmp_path: Path) -> None:
    lines = ["<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>"]
    lines += [f"2026.01.07\t12:0{i}:00\t47442.41\t47444.91\t47430.91\t47430.91\t168\t0\t148" for i in range(3)]
    path = tmp_path / "US30_M1_202601071200_202601071202.csv.gz"
    path.write_bytes(gzip.compress(("\r\n".join(lines) + "\r\n").encode()))
    loaded = load(path)
    assert (loaded.symbol, len(loaded.bars), loaded.report.first_at) == ("US30", 3, utc(10))
    assert loaded.bars.spread.tolist() == [148, 148, 148]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_reads_other_encodings_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "XAUUSD_M1.csv"
    path.write_text("\n".join((HEADER, *ROWS)), encoding=encoding)
    assert len(load(path).bars) == 5


@pytest.mark.parametrize(
    "form", ["%Y.%m.%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.000", "%Y%m%d %H%M%S", "epoch", "epoch_ms"]
)
def test_reads_times_in_many_forms(tmp_path: Path, form: str) -> None:
    def shown(at: datetime) -> str:
        seconds = int(at.timestamp())
        return {"epoch": str(seconds), "epoch_ms": str(seconds * 1000)}.get(form) or at.strftime(form)

    rows = [f"{shown(FIRST + timedelta(minutes=i))},4000,4001,3999,4000,5,20" for i in range(3)]
    assert load(write(tmp_path / "XAUUSD_M1.csv", *rows)).report.first_at == utc(10)


def test_times_that_say_utc_need_no_clock(tmp_path: Path) -> None:
    rows = [f"2026-01-07T10:0{i}:00Z,4000,4001,3999,4000,5,20" for i in range(3)]
    loaded = load(write(tmp_path / "XAUUSD_M1.csv", *rows), None)
    assert (loaded.report.first_at, loaded.server_clock.label) == (utc(10), "UTC")
    offset = [f"2026-01-07T05:0{i}:00-05:00,4000,4001,3999,4000,5,20" for i in range(3)]
    assert load(write(tmp_path / "XAUUSD_M1.csv", *offset)).report.first_at == utc(10)


def test_refuses_to_guess_the_clock_and_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(InvalidBars, match=r"which clock .* --clock utc, ny\+7, eet or ZONE\[\+h\]"):
        load(write(tmp_path / "XAUUSD_M1.csv", *ROWS), None)


def both_clocks(path: Path, clock: ServerClock, days: list[datetime]) -> Path:
    times = [day + timedelta(minutes=i) for day in days for i in range(3)]
    pl.DataFrame(
        {
            "time_server": [clock.to_server(at) for at in times],
            "time_utc": [at.replace(tzinfo=None) for at in times],
            **{name: [4000.0] * len(times) for name in ("open", "high", "low", "close")},
            "tick_volume": [10] * len(times),
            "spread_points": [23.0] * len(times),
        }
    ).write_parquet(path)
    return path


@pytest.mark.parametrize("name", ["ny+7", "eet", "utc"])
def test_finds_the_clock_from_a_file_that_states_both_times(tmp_path: Path, name: str) -> None:
    # Between the American and the European change of time the two clocks are an hour apart.
    days = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (4, 6, 9, 11)]
    loaded = load(both_clocks(tmp_path / "XAUUSD_M1.parquet", parse_clock(name), days), None)
    assert loaded.server_clock == parse_clock(name)
    assert not any("fit" in note for note in loaded.report.notes)


def test_says_when_two_clocks_fit_and_lets_the_option_decide(tmp_path: Path) -> None:
    path = both_clocks(tmp_path / "XAUUSD_M1.parquet", NY7, [utc(12)])
    assert any("also Europe/Athens" in note for note in load(path, None).report.notes)
    assert load(path, parse_clock("eet")).server_clock == parse_clock("eet")
    with pytest.raises(InvalidBars, match=r"row 1: 2026-01-07 14:00:00 at 2026-01-07 12:00:00 UTC is not"):
        load(path, parse_clock("utc"))


def test_refuses_two_times_that_follow_no_clock(tmp_path: Path) -> None:
    path = both_clocks(tmp_path / "XAUUSD_M1.parquet", ServerClock("UTC", 5), [utc(12)])
    with pytest.raises(InvalidBars, match="none of the usual clocks"):
        load(path, None)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("UTC", "UTC"),
        ("ny+7", "America/New_York+7"),
        ("eet", "Europe/Athens"),
        ("Europe/Moscow", "Europe/Moscow"),
        ("Europe/London+2", "Europe/London+2"),
        ("UTC-5", "UTC-5"),
    ],
)
def test_clock_names(text: str, label: str) -> None:
    assert parse_clock(text).label == label


@pytest.mark.parametrize("text", ["", "Mars/Base", "ny+7+1", "UTC+99", "+3"])
def test_refuses_clock_names_that_mean_nothing(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_clock(text)


BAD_ROWS: dict[str, tuple[list[str], str]] = {
    "duplicate": ([row(0), row(1), row(1)], "row 3 at 2026-01-07T10:01:00.*the same time stands twice"),
    "unsorted": ([row(0), row(2), row(1)], "row 3 at 2026-01-07T10:01:00.*not sorted"),
    "high below low": ([row(0), row(1, "4000,3999,4001,4000")], r"row 2 at .*high is below low \(3999 and 4001\)"),
    "open above high": (
        [row(0), row(1, "4002,4001,3999,4000")],
        r"row 2 .*open or close is above high \(4002",
    ),
    "close below low": ([row(0), row(1, "4000,4001,3999,3998")], "row 2 .*open or close is below low"),
    "NaN": ([row(0), row(1, "4000,nan,3999,4000")], r"row 2 .*high is not a finite number \(nan\); 1 such row"),
    "infinite": ([row(0), row(1, "4000,inf,3999,4000")], "row 2 .*high is not a finite number"),
    "zero": ([row(0), row(1, "4000,4001,0,4000")], r"row 2 .*low is not above 0 \(0\)"),
    "negative": ([row(0, "-4000,4001,3999,4000")], r"row 1 .*open is not above 0 \(-4000\)"),
    "negative spread": ([row(0), row(1, rest="5,-2")], r"row 2 .*spread is not 0 or above \(-2\)"),
    "negative volume": ([row(0), row(1, rest="-5,2")], "row 2 .*volume is not 0 or above"),
    "text price": ([row(0), row(1, "4000,much,3999,4000")], "row 2: high 'much' is not a number"),
    "empty price": ([row(0), row(1, "4000,,3999,4000")], "row 2: high is empty"),
    "mixed columns": ([row(0), row(1) + ",7"], "line 3: has 8 fields, the header has 7"),
    "short row": ([row(0), "2026-01-07 12:01:00,4000"], "line 3: has 2 fields, the header has 7"),
    "bad time": ([row(0), "soon,1,1,1,1,1,1"], "row 2: time 'soon' is not a time"),
    "no time at all": (["soon,1,1,1,1,1,1"], "row 1: time 'soon' is not a time such as"),
    "off the minute": ([row(0), "2026-01-07 12:01:30,4000,4001,3999,4000,5,5"], "row 2 .*not on a whole minute"),
    "long gap": ([row(0), row(1), row(120 * 60 + 1)], r"row 3 at .*120\.0 hours after the row before.*more than 96"),
    "M5 under an M1 name": ([row(i * 5) for i in range(6)], "rows are usually 5 minutes apart, M1 bars are 1"),
    "weekend": ([row(i + 3 * 1440) for i in range(3)], "outside the trading hours of XAUUSD on the clock America/New"),
    "daily break": ([row(12 * 60 + i) for i in range(3)], "row 1 at 2026-01-07T22:00:00.*outside the trading hours"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_refuses_bad_rows_by_row_time_value_and_rule(tmp_path: Path, case: str) -> None:
    rows, message = BAD_ROWS[case]
    path = write(tmp_path / "XAUUSD_M1.csv", *rows)
    with pytest.raises(InvalidBars, match=message) as refused:
        load(path)
    assert str(refused.value).startswith(str(path))


def _truncated_parquet(path: Path) -> None:
    both_clocks(path, NY7, [utc(12)])
    path.write_bytes(path.read_bytes()[:-200])


def _truncated_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress("\n".join((HEADER, *ROWS)).encode())[:-10])


BAD_FILES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "empty": ("XAUUSD_M1.csv", lambda path: path.write_text(""), "the file is empty"),
    "header only": ("XAUUSD_M1.csv", lambda path: path.write_text(HEADER), "a header but no rows"),
    "latin-1": ("XAUUSD_M1.csv", lambda path: path.write_bytes(b"time,\xe9\n1,2\n"), "not utf-8-sig text at byte 5"),
    "binary": ("XAUUSD_M1.csv", lambda path: path.write_bytes(b"time\x00,a\n"), "binary zeros"),
    "truncated parquet": ("XAUUSD_M1.parquet", _truncated_parquet, "not a complete Parquet file"),
    "text as parquet": ("XAUUSD_M1.parquet", lambda path: path.write_text(HEADER), "not a complete Parquet file"),
    "truncated gzip": ("XAUUSD_M1.csv.gz", _truncated_gzip, "not a complete gzip file"),
    "another kind": ("XAUUSD_M1.xlsx", lambda path: path.write_text("x"), "named .parquet, .csv"),
    "missing columns": (
        "XAUUSD_M1.csv",
        lambda path: path.write_text("time,open,close\n1,2,3\n"),
        "high, low are missing",
    ),
    "no time column": (
        "XAUUSD_M1.csv",
        lambda path: path.write_text("open,high,low,close\n1,1,1,1\n"),
        "no column time",
    ),
    "column twice": ("XAUUSD_M1.csv", lambda path: path.write_text("time,open,OPEN\n1,2,3\n"), "open stand twice"),
    "other timeframe": ("XAUUSD_M15.csv", lambda path: write(path, *ROWS), "holds M15 bars; .* fed by M1 bars only"),
    "no symbol": ("prices.csv", lambda path: write(path, *ROWS), "tells the symbol; name it with --symbol"),
    "two symbols": (
        "x_M1.csv",
        lambda path: path.write_text("symbol,time,open,high,low,close\nA,1,1,1,1,1\nB,2,1,1,1,1\n"),
        "column symbol holds 2 different values",
    ),
    "not there": ("XAUUSD_M1.csv", lambda _: None, "cannot be read"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_refuses_bad_files_with_the_reason(tmp_path: Path, case: str) -> None:
    name, make, message = BAD_FILES[case]
    make(tmp_path / name)
    with pytest.raises(InvalidBars, match=message):
        load(tmp_path / name)


def test_refuses_bars_in_the_future(tmp_path: Path) -> None:
    path = write(tmp_path / "XAUUSD_M1.csv", *ROWS)
    assert len(load(path, now=utc(10, 5)).bars) == 5
    with pytest.raises(InvalidBars, match=r"row 5 at 2026-01-07T10:04:00.* lies in the future, it is 2026-01-07T10:04"):
        load(path, now=utc(10, 4).replace(second=30))


def test_refuses_a_symbol_without_contract_data_and_an_option_against_the_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no contract data for DAX; .*--manifest"):
        load(write(tmp_path / "DAX_M1.csv", *ROWS))
    path = tmp_path / "x_M1.csv"
    path.write_text("symbol,time,open,high,low,close\nXAUUSD,2026-01-07 12:00,1,1,1,1\n")
    with pytest.raises(InvalidBars, match="says symbol XAUUSD, but --symbol US30 was given"):
        load(path, symbol="US30")


def test_options_name_what_the_file_does_not(tmp_path: Path) -> None:
    path = write(tmp_path / "prices.csv", *ROWS)
    assert load(path, symbol="XAUUSD", timeframe="M1").symbol == "XAUUSD"


def test_tells_of_gaps_missing_spread_and_volume_and_rounding(tmp_path: Path) -> None:
    rows = [f"{FIRST + timedelta(minutes=i):%Y-%m-%d %H:%M:%S},4000.123,4001,3999,4000" for i in (0, 1, 2, 5, 6, 16)]
    loaded = load(write(tmp_path / "XAUUSD_M1.csv", *rows, header="time,open,high,low,close"))
    assert loaded.bars.spread.tolist() == [30.0] * 6
    text = "\n".join(loaded.report.notes)
    assert "2 gaps inside trading hours, the longest 9 minutes, the first at 2026-01-07T10:03:00+00:00" in text
    assert "no spread; 30 points" in text
    assert "no tick volume" in text
    assert "rounded to the 2 digits" in text


def test_a_night_over_the_daily_break_is_no_gap(tmp_path: Path) -> None:
    rows = [row(11 * 60 + 58), row(11 * 60 + 59), row(13 * 60), row(13 * 60 + 1)]
    assert load(write(tmp_path / "XAUUSD_M1.csv", *rows)).report.notes == ()


def test_a_spread_in_price_becomes_points(tmp_path: Path) -> None:
    rows = [f"{FIRST + timedelta(minutes=i):%Y-%m-%d %H:%M:%S},1.1,1.1,1.1,1.1,0.00012" for i in range(3)]
    loaded = load(write(tmp_path / "EURUSD_M1.csv", *rows, header="time,open,high,low,close,spread_price"))
    assert loaded.bars.spread.tolist() == [12.0] * 3


def test_files_on_different_clocks_are_no_market(tmp_path: Path) -> None:
    gold = both_clocks(tmp_path / "XAUUSD_M1.parquet", NY7, [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (6, 9)])
    dow = both_clocks(
        tmp_path / "US30_M1.parquet", parse_clock("eet"), [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (6, 9)]
    )
    with pytest.raises(InvalidInput, match="different clocks"):
        load_bars_market([gold, dow], contracts=BUILT_IN)
    market, reports = load_bars_market([gold], contracts=BUILT_IN)
    assert (list(market.contracts), len(reports)) == (["XAUUSD"], 1)


REAL_FILES = {
    "bars/ftmo_m1/XAUUSD_M1.parquet": ("America/New_York+7", 100_000),
    "bars/ftmo_m1/US30_M1.parquet": ("America/New_York+7", 100_000),
    "bars/ftmo_m1/US100_M1.parquet": ("America/New_York+7", 100_000),
    "bars/eurusd_utc/EURUSD_M1.parquet": ("UTC", 50_000),
}


@pytest.mark.parametrize("name", REAL_FILES)
def test_reads_real_files_and_finds_their_clock(test_data: Path, name: str) -> None:
    loaded = load_bars(test_data / name, contracts=BUILT_IN)
    assert (loaded.report.clock, loaded.report.rows) == REAL_FILES[name]


def test_reads_a_real_export_of_the_terminal(test_data: Path) -> None:
    path = next((test_data / "mt5").glob("US30_M1_*.csv.gz"))
    loaded = load(path)
    parquet = load_bars(test_data / "bars/ftmo_m1/US30_M1.parquet", contracts=BUILT_IN)
    assert loaded.bars == parquet.bars.window(0, 5000)


def test_real_bars_feed_the_terminal(test_data: Path) -> None:
    paths = [test_data / f"bars/ftmo_m1/{symbol}_M1.parquet" for symbol in ("XAUUSD", "US30")]
    market, _ = load_bars_market(paths, contracts=BUILT_IN)
    simulated = SimulatedTerminal(market, starts_at=datetime(2025, 12, 10, 18, 59, tzinfo=UTC), deposit=Decimal(10_000))
    simulated.initialize()
    before = simulated.symbol_info_tick("XAUUSD")
    simulated.advance_to(datetime(2025, 12, 10, 19, 0, 59, tzinfo=UTC))
    minute = simulated.copy_rates_from_pos("XAUUSD", 1, 0, 100)
    assert before is not None
    assert minute is not None
    # The minute of the rate decision of 2025-12-10 moves gold several times as far as the minutes before.
    reach = minute["high"] - minute["low"]
    assert reach[-1] > 3 * sorted(reach[:-1])[len(reach) // 2]
