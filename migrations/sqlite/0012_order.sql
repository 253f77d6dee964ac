-- What is ordered of outside registries: rebuilt from the journal like the tables of 0002.

create table registry_order (
    message text primary key,
    administration text not null,
    system text not null,                  -- as the configuration names it
    key text not null,                     -- ours, in the registered object
    what text not null,                    -- JSON: the order
    state text not null,                   -- queued, uploading, registering, in_doubt, registered, incomplete, failed
    step text,                             -- the last that was asked
    file text,                             -- the document it sent
    open integer not null,                 -- asked, and not answered
    last text not null,                    -- how the last step ended
    outcome text not null,                 -- what it came to, for people
    code text not null,
    words text not null,
    so_far text not null,                  -- JSON: how far it came
    asked integer not null,                -- how often
    ordered_ms integer not null,
    changed_ms integer not null
) strict;
create index registry_order_body on registry_order (administration, state, ordered_ms);

-- The system that gave the number; '' is the built-in register, whose numbers alone are without a gap.
alter table registration add column outside text not null default '';
alter table registration add column outside_date text not null default '';

-- How it came, where the registry office took it in; '' for what its sender presented himself.
alter table message add column channel text not null default '';
alter table message add column arrived_ms integer;

-- The emergency register (art. 63 DPR 445/2000), and which of its numbers became which of the ordinary register.
create table emergency (
    id text primary key,
    administration text not null,
    cause text not null,
    from_ms integer not null,
    until text not null,                   -- last day that is authorised
    authorisation text not null,           -- every act that authorised it, one a line
    opened_by text not null,
    to_ms integer,                         -- closed
    totals text not null                   -- JSON: how many by hand on each day
) strict;
create index emergency_body on emergency (administration, from_ms);
create table emergency_entry (
    emergency text not null,
    number integer not null,
    message text not null,
    primary key (emergency, number)
) strict;
create index emergency_entry_message on emergency_entry (message);
