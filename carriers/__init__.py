"""Carriers: a library that imports nothing of ours, so that any program may use it."""

# Whose parcels are known by name. `messenger`: a courier of the town; `own`: the merchant's own car or counter.
CARRIERS = (
    "packeta",
    "ppl",
    "dpd",
    "gls",
    "ceska_posta",
    "slovenska_posta",
    "fan_courier",
    "balikobot",
    "messenger",
    "own",
)
