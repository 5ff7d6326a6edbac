"""The expedition add-on for UPgates e-shops: a mirror of each shop, kept true by webhooks."""
