"""Watching an exam: people decide, the machine only points."""
