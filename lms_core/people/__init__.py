"""Persons of an organisation: learners, their parents, staff."""
