-- Addresses of certified mail that persons showed to be theirs: rebuilt from the journal like the tables of 0002.
create table proven_address (
    administration text not null,
    address text not null,                 -- in lower case
    person text not null,
    proven_ms integer not null,
    primary key (administration, address, person)
) strict;
create index proven_address_person on proven_address (person);

-- Codes that were sent to show it. Not evidence: each is good once, for a day and a few attempts.
create table address_code (
    person text primary key,
    administration text not null,
    address text not null,
    code text not null,
    until_ms integer not null,
    tries integer not null
) strict;
