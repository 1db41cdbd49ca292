"""Reading bars files: what a trader has on disk becomes checked M1 bars, or a refusal that says why.

Parquet, CSV and the terminal's "Export bars" files, with symbol, timeframe and clock from the file or by option.
Nothing here trades or knows of an account; the simulated terminal takes what comes out.
"""

from tradewarden.adapters.bar_files.clock_names import parse_clock
from tradewarden.adapters.bar_files.loading import LoadedBars, LoadReport, load_bars, load_bars_market

__all__ = ["LoadReport", "LoadedBars", "load_bars", "load_bars_market", "parse_clock"]
