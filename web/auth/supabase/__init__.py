"""Accounts at Supabase: sign-in there, its tokens in our sessions, and the links in its mails."""
