"""Consultations: hours that a teacher keeps free, and who has booked them."""
