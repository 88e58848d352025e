"""Dynamic panels with fixed effects; equations are in `dynamic_models`."""
