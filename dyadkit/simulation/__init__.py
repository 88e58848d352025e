"""Studies with known truth: simulated answers as raw exports, and the numbers behind them.

Run ``python -m dyadkit.simulation`` to write the committed sample study anew.
"""
