"""Scores for people: on the screen, in leaderboard.md, in a paper. Nothing is computed here."""
