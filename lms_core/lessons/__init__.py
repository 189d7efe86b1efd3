"""Lessons: when they are, what state they are in, who may be in their rooms, and who was."""
