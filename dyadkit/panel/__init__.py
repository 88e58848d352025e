"""Panels: who drives whom over time."""
