-- Files of official figures, by day and of the audience.
alter table public.exports drop constraint exports_what_check, add constraint exports_what_check
  check (what in ('followers', 'following', 'mutual', 'fans', 'not-following-back', 'new', 'lost', 'renamed',
    'changes', 'media', 'days', 'account', 'insights', 'audience'));
