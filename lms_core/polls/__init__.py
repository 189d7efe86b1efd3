"""Polls and quick quizzes of a room: asked by who leads, answered once each, counted while they run."""
