"""Plays a person in front of Rollcall's own pages, beside the stand-in that the product reads."""
