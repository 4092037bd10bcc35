"""Instagram's stand-in: the web routes, headers, cookies and answers of the real site, over one seeded world."""
