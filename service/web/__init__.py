"""The doors: they translate between HTTP and the flows."""
