-- What the code declares and checks read. `rollcall migrate` fills both tables from `shared/db/declarations.py` each time, and removes
-- nothing, so that a web or worker of an older version finds what it knows.
create table rollcall.platforms (
  name text primary key,
  label text not null,
  -- The methods that a connection of its profiles may have.
  ways_in text[] not null,
  -- The kinds of job that its profiles have by schedule.
  kinds text[] not null
);
alter table rollcall.platforms enable row level security;
grant select on rollcall.platforms to service_role;

create table rollcall.job_kinds (
  name text primary key,
  -- Drives a session of a connection: one at a time for each.
  has_lane boolean not null,
  -- One live job of a profile at most.
  is_single boolean not null,
  -- A person may put it into the queue, with these arguments.
  by_person boolean not null,
  needs_args text[] not null default '{}',
  takes_args text[] not null default '{}',
  -- An operator may start a failed one once more, while its profile is in one of these states.
  again_in text[] not null default '{}',
  -- How often a new profile has it by schedule, NULL for never; and whether the interval follows the account's size and the budget.
  every interval,
  is_automatic boolean not null default false
);
alter table rollcall.job_kinds enable row level security;
grant select on rollcall.job_kinds to service_role;
