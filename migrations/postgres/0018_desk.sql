-- Who sent a message together with its sender, and which messages have to do with each other: rebuilt from the journal like the
-- tables of 0002.
create table cosender (
    message text not null,
    position bigint not null,
    person text not null,
    primary key (message, person)
);
create index cosender_person on cosender (person);

create table message_link (
    message text not null,
    other text not null,
    reason text not null,
    author_name text not null,
    instant_ms bigint not null,
    primary key (message, other)
);
create index message_link_other on message_link (other);

-- Made available for knowledge, beside the one it is for.
alter table delivery add column copy boolean not null default false;

-- What an operator looks at again and again. Not evidence.
create table saved_view (
    account text not null,
    name text not null,
    query text not null,                   -- filters of the queue, as its address has them
    opens boolean not null,                -- shown when the queue is opened
    primary key (account, name)
);

-- Bodies of the index of public administrations (IPA), as its open data say them: read anew from each file.
create table ipa_body (
    code text primary key,
    name text not null,
    fiscal_code text not null,
    pec text not null,
    place text not null,
    listed text not null                   -- day of the list, YYYY-MM-DD
);
create index ipa_body_name on ipa_body (name);
