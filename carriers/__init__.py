"""Carriers: a library that imports nothing of ours, so that any program may use it."""
