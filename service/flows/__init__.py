"""One story per file, told top to bottom: short transactions, and between them the neighbour's answer."""
