-- Digital cards: rebuilt from the journal like the tables of 0002.

create table card (
    id text primary key,
    administration text not null,
    kind text not null,                    -- code of its type
    name text not null,                    -- what the type was called
    office text not null,                  -- that issues it
    number text not null,
    holder text not null,                  -- person
    fields text not null,                  -- JSON: what each is called, and what it says
    valid_from text not null,              -- first day
    valid_until text not null,             -- last day
    idx bigint not null,                  -- place in the status list
    code text not null,                    -- the signed text
    status text not null,                  -- valid, suspended, revoked
    reason text not null,                  -- of what is not valid
    issued_ms bigint not null,
    changed_ms bigint not null
);
create unique index card_place on card (administration, idx);
create index card_holder on card (administration, holder);
create index card_office on card (administration, office, issued_ms);
