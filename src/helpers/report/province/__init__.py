"""Frames and sentences of the report on one province, which must hold for all 63 in every year."""
