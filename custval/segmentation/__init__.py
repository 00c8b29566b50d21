"""Tiers, grids, RFM segments, migration, concentration. Imports customers."""
