"""Structural equation models: lavaan syntax, parameter table, implied moments, objective, fit."""
