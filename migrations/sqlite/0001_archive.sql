-- The archive itself: logs, events, their parts and what opens them. Nothing here is changed or removed; the
-- triggers are a seat belt against our own bugs, the Merkle log is the security.

create table log (
    id integer primary key,
    administration text not null,          -- '' for the installation's own log
    origin text not null unique,
    successor integer not null,
    demo integer not null,
    size integer not null,                 -- next index; moved by update … returning
    last_ms integer not null,              -- instant of the last event: never decreasing
    read_only integer not null default 0   -- continuity after a restore is not shown yet
) strict;

create table event (
    log integer not null references log (id),
    idx integer not null,
    leaf blob not null,                    -- the exact bytes that are hashed and handed out
    kind text not null,
    subject blob not null,                 -- the subject's log id, 16 bytes
    instant_ms integer not null,
    primary key (log, idx)
) strict;
create index event_subject on event (log, subject, idx);
create index event_kind on event (log, kind, idx);
create trigger event_is_final before update on event begin select raise(abort, 'events are final'); end;
create trigger event_stays before delete on event begin select raise(abort, 'events stay'); end;

-- Which thing a log id stands for: never in a URL.
create table subject (
    log integer not null references log (id),
    log_id blob not null,
    kind text not null,
    id text not null,
    last_idx integer,                      -- its latest event, the next one's predecessor
    primary key (log, log_id),
    unique (log, kind, id)
) strict;

create table part (
    log integer not null,
    idx integer not null,
    name text not null,
    sealed blob not null,                  -- stream format; the key is in access_grant
    primary key (log, idx, name),
    foreign key (log, idx) references event (log, idx)
) strict;
create trigger part_is_final before update on part begin select raise(abort, 'parts are final'); end;

-- Who may still need a part or a document: data key and salt, wrapped by the administration's epoch key.
create table access_grant (
    thing text not null,                   -- 'part:<log>/<idx>/<name>' or 'document:<id>'
    holder text not null,                  -- 'body' or a person's identifier
    administration text not null,
    epoch integer not null,
    wrapped blob not null,
    blob blob,                             -- for documents: SHA-256 of what is stored
    primary key (thing, holder)
) strict;
create index grant_blob on access_grant (blob);

-- Small ciphertexts; larger ones are files of the vault under the same name.
create table blob (
    digest blob primary key,
    bytes blob not null
) strict;

create table checkpoint (
    log integer not null references log (id),
    size integer not null,
    root blob not null,
    note text not null,
    instant_ms integer not null,
    primary key (log, size)
) strict;

create table follower (
    name text not null,
    log integer not null references log (id),
    version integer not null,
    position integer not null,
    primary key (name, log)
) strict;

create table job (
    id text primary key,
    kind text not null,
    unique_key text not null unique,
    administration text not null,
    payload text not null,
    state text not null,                   -- waiting, done, given_up
    attempts integer not null default 0,
    run_ms integer not null,
    lease_until_ms integer,
    worker text,
    last_error text,
    created_ms integer not null,
    finished_ms integer
) strict;
create index job_due on job (state, run_ms);
create index job_body on job (administration, state, created_ms);
