"""A stand-in for a Supabase project: its Auth and its Storage, as strict as the real ones (facts, section F)."""
