-- The rest of the built-in register: rebuilt from the journal like the tables of 0002.

-- The office that wrote it, where one office of the body writes to another; '' otherwise.
alter table message add column from_office text not null default '';

-- Documents in series (repertori), each numbered by the year beside the register.
create table series_entry (
    administration text not null,
    series text not null,                  -- its code, as the setting series.<code>
    year integer not null,
    number bigint not null,
    message text not null,
    registered_ms bigint not null,
    day text not null,
    subject text not null,
    parties text not null,
    office text not null,
    digest text not null,
    primary key (administration, series, year, number)
);
create index series_entry_message on series_entry (message);
create index series_entry_day on series_entry (administration, day);

-- The office chart: the code that a file knows an office by, and the office above it.
alter table office add column code text not null default '';
alter table office add column parent text not null default '';

-- Registers that were kept before, by the files that brought them: never numbers of ours.
create table past_batch (
    administration text not null,
    batch text not null,                   -- SHA-256 of the file
    name text not null,
    lines bigint not null,
    author_name text not null,
    instant_ms bigint not null,
    primary key (administration, batch)
);
create table past_entry (
    administration text not null,
    area text not null,
    year integer not null,
    number bigint not null,
    batch text not null,
    day text not null,
    direction text not null,
    parties text not null,
    subject text not null,
    office text not null,
    case_file text not null,
    digest text not null,
    primary key (administration, area, year, number)
);

-- What was handed to the preserver, and what it answered to the last time.
create table handover (
    administration text not null,
    package text not null,
    area text not null,
    day text not null,
    sha256 text not null,
    attempt bigint not null,
    handed_ms bigint not null,
    state text not null,                   -- handed, accepted, refused
    receipt text not null,                 -- the preserver's own identifier
    reason text not null,
    answered_ms bigint,
    primary key (administration, package)
);
create index handover_day on handover (administration, day);
