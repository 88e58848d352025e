"""The answers of a frame as arrays: where they were given, and who stands behind them."""
