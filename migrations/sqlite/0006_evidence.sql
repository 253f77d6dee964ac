-- What others say of our checkpoints: verified before it is kept. It is evidence, and no rebuild makes it again.

create table cosignature (
    log integer not null,
    size integer not null,
    witness text not null,                 -- its verifier key
    first_line text not null,              -- signature line of the first time: the tree is not younger
    first_s integer not null,              -- when, as the witness says, in seconds UTC
    last_line text not null,               -- of the last time: the log had not grown then, as far as the witness saw
    last_s integer not null,
    primary key (log, size, witness),
    foreign key (log, size) references checkpoint (log, size)
) strict;

create table time_stamp (
    log integer not null,
    size integer not null,
    authority text not null,               -- its address
    token blob not null,                   -- RFC 3161 TimeStampToken, with its certificates
    at_ms integer not null,                -- the latest instant that it allows, UTC
    primary key (log, size, authority),
    foreign key (log, size) references checkpoint (log, size)
) strict;

-- Who is asked and what came of it, for operators.
create table voucher (
    log integer not null references log (id),
    name text not null,                    -- a witness's verifier key, or an authority's address
    since_ms integer not null,             -- asked since
    size integer not null,                 -- the newest size it vouched for
    asked_ms integer not null,             -- last time
    good_ms integer,                       -- last time that it did
    problem text,                          -- why not; null when it did
    detail text,
    primary key (log, name)
) strict;
