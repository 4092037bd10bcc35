-- Whether a walk ended where the list did: the gap of such a walk is evidence for the next one.
alter table public.list_runs add column complete boolean;
