"""Shells and wiring: the only package that knows aiohttp, socketio and redis."""

VERSION = "0.1.0"
