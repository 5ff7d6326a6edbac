"""What is wrong with the service and what to do about it: evidence is gathered, causes are ranked, a page is told."""
