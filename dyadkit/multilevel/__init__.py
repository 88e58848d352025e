"""Multilevel models of dyads: actor and partner effects, diaries, one with many, teams."""
