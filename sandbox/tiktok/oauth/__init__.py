"""Login Kit: the pages that a person clicks through, and the tokens that come of it."""
