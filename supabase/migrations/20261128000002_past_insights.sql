-- The pages ask for the account's own figures, and whether any belong to a post that no browser has read; an export may bring
-- thousands of figures of posts, and neither question shall look through them.
create index insights_account_idx on public.insights (user_id, profile_id, captured_at desc) where posted_at is null;
create index insights_unread_idx on public.insights (user_id, profile_id, posted_at) where posted_at is not null and media_id is null;
