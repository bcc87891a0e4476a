"""Advice: which of the four ways, from what was measured. Pure functions; ``engine.measuring`` measures."""
