"""Models that are fitted to a DyadFrame or a DataFrame: arrays to the engines, results back."""
