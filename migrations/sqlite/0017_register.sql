-- The rest of the built-in register: rebuilt from the journal like the tables of 0002.

-- The office that wrote it, where one office of the body writes to another; '' otherwise.
alter table message add column from_office text not null default '';

-- Documents in series (repertori), each numbered by the year beside the register.
create table series_entry (
    administration text not null,
    series text not null,                  -- its code, as the setting series.<code>
    year integer not null,
    number integer not null,
    message text not null,
    registered_ms integer not null,
    day text not null,
    subject text not null,
    parties text not null,
    office text not null,
    digest text not null,
    primary key (administration, series, year, number)
) strict;
create index series_entry_message on series_entry (message);
create index series_entry_day on series_entry (administration, day);

-- The office chart: the code that a file knows an office by, and the office above it.
alter table office add column code text not null default '';
alter table office add column parent text not null default '';
