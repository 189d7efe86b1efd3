"""What moves packets; runs in a process of its own."""
