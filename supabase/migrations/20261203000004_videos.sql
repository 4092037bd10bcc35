-- Shorts, the views of a video by people who went on watching, and the age of what a platform lends.
alter table public.media drop constraint media_kind_check, add constraint media_kind_check
  check (kind in ('image', 'carousel', 'video', 'reel', 'story', 'short'));
alter table public.media add column engaged_views bigint;
alter table public.media_metrics add column engaged_views bigint;

-- When a sync stored it last, by this database's clock (shared/store/deletion/lent_figures.py).
alter table public.media add column stored_at timestamptz not null default now();
alter table public.profiles add column facts_stored_at timestamptz not null default now();
