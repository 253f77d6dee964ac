-- Numbers that a lost log may have given: left out for ever, and rebuilt from the successor's first event.

create table register_gap (
    administration text not null,
    area text not null,
    year integer not null,
    first bigint not null,
    last bigint not null,
    primary key (administration, area, year, first)
);

-- Up to this instant the log may go on although the clock is far behind it: an alarm of the installation says so.
alter table log add column believed_ms bigint not null default 0;
