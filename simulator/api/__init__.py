"""The endpoints of API v2, one module per group; each takes an `Ask` and returns what the contract prints."""
