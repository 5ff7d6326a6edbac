"""The demo: everything started as production starts it, a story told with it, and a verdict on what was claimed."""
