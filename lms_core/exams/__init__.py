"""Exams: what is to be passed, a learner's sitting of it, saves of answers, marking and results."""
