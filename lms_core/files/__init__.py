"""Files that people share in a room: told by their content, refused where they may do harm, and forgotten."""
