"""Marking: what answers are worth, by rule and by hand, and results; regrades, appeals, scales and statistics."""
