-- The long statement of shared.store.profiles.profiles.

-- name: facts
update public.profiles p set version = p.version + 1,
  external_id = coalesce(%(platform_id)s, p.external_id), display_name = %(display_name)s, biography = %(biography)s,
  category = %(category)s, external_url = %(external_url)s,
  is_private = %(is_private)s, is_verified = %(is_verified)s,
  is_professional = coalesce(%(is_professional)s, p.is_professional),
  followers = coalesce(%(followers)s, p.followers), following = coalesce(%(following)s, p.following),
  media_count = coalesce(%(media_count)s, p.media_count), facts_stored_at = now(),
  observed_at = greatest(p.observed_at, %(observed_at)s), updated_at = now(),
  username = case when exists (
    select from public.profiles o where o.user_id = p.user_id and o.platform = p.platform
      and o.id <> p.id and lower(o.username) = lower(%(username)s)
  ) then p.username else %(username)s end
where p.id = %(id)s and p.user_id = %(user_id)s
