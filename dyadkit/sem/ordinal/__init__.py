"""Structural equation models of ordered outcomes, fitted by weighted least squares."""
