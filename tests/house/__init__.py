"""The rules of the house: what may import what, how long a file may be, what must be fresh."""
