"""What CustomerBase is made of: reading, the ledger, views of it, logs, the card."""
