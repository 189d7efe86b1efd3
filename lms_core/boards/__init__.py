"""What a room draws, writes and shows together: whiteboards, notes and slides, kept when the lesson is over."""
