"""Manual scores with review, versions of cards, and the tables of a store."""
