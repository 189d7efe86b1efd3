"""The chat of a room, which outlives the lesson."""
