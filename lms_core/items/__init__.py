"""The bank's questions: what one is, what may be answered, what an answer is worth; rules only, no tables."""
