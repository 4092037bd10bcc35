"""Accounts that Supabase keeps: signing in there, its tokens in our sessions, and what its mails lead to."""
