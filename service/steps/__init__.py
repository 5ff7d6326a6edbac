"""What several flows share: each takes a connection and makes no call."""
