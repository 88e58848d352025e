"""Latent change, and what it depends on: `change_two_waves`, and `dual_change` of more waves."""
