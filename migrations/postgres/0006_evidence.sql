-- What others say of our checkpoints: verified before it is kept. It is evidence, and no rebuild makes it again.

create table cosignature (
    log bigint not null,
    size bigint not null,
    witness text not null,                 -- its verifier key
    first_line text not null,              -- signature line of the first time: the tree is not younger
    first_s bigint not null,               -- when, as the witness says, in seconds UTC
    last_line text not null,               -- of the last time: the log had not grown then, as far as the witness saw
    last_s bigint not null,
    primary key (log, size, witness),
    foreign key (log, size) references checkpoint (log, size)
);

create table time_stamp (
    log bigint not null,
    size bigint not null,
    authority text not null,               -- its address
    token bytea not null,                  -- RFC 3161 TimeStampToken, with its certificates
    at_ms bigint not null,                 -- the latest instant that it allows, UTC
    primary key (log, size, authority),
    foreign key (log, size) references checkpoint (log, size)
);

-- Who is asked and what came of it, for operators.
create table voucher (
    log bigint not null references log (id),
    name text not null,                    -- a witness's verifier key, or an authority's address
    since_ms bigint not null,              -- asked since
    size bigint not null,                  -- the newest size it vouched for
    asked_ms bigint not null,              -- last time
    good_ms bigint,                        -- last time that it did
    problem text,                          -- why not; null when it did
    detail text,
    primary key (log, name)
);
