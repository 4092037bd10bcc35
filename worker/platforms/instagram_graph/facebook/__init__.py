"""Facebook's login as a way to Instagram's official API: its tokens, pages and accounts."""
