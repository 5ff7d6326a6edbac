"""Small tools without a storey of their own."""
