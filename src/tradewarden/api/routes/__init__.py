"""Routes, one module per noun. Handlers are plain functions that run in threads; only the event stream is async."""
