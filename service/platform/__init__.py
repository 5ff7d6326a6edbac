"""UPgates, the platform: what we may call, how it is called, and how its answers are read."""
