"""The load: `wload.c`, WHIP and WHEP peers that count, time and decrypt what they get; built on first use."""
