"""Gaussian linear mixed models with the covariances that dyads have: arrays in, arrays out."""
