"""The processes that do what is due: one Celery task per lane, and the beat that says whose turn it is."""
