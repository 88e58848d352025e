"""Cross-lagged panels; models are in `cross_lagged`, latent series in `indicators`."""
