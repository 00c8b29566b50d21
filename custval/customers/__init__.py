"""Customers and what is known about them: order log, ledger, snapshots, event logs. Imports private modules only."""
