"""Instagram by its official API, the Graph API of Meta."""
