"""How often we may call: what each shop has left, who of its lanes may take it, and what was called (the ledger)."""
