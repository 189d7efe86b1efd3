"""Shells and wiring: the only package that knows aiohttp, socketio and redis."""
