-- Letters that are sent by fiscal code, many at once. Not evidence: each letter is, once it is registered; files that were not sent
-- yet are uploads of `deposit:<id>`.

create table deposit (
    id text primary key,
    administration text not null,
    office text not null,                  -- that sends
    author text not null,                  -- account
    author_name text not null,
    name text not null,                    -- what it is called among deposits
    effect text not null,                  -- of each letter: courtesy, communication, notification
    source text not null,                  -- page or api
    state text not null,                   -- draft, sending, done
    turn bigint not null,                 -- how often it was started
    created_ms bigint not null,
    started_ms bigint,
    done_ms bigint
);
create index deposit_office on deposit (administration, office, created_ms);

create table deposit_line (
    deposit text not null,
    position bigint not null,             -- line of the list, from 1
    token text not null unique,            -- the letter's own: a line is one letter
    fiscal_code text not null,
    name text not null,
    subject text not null,
    text text not null,
    files text not null,                   -- JSON: names
    state text not null,                   -- draft, left_out, waiting, sent, failed
    message text,                          -- that it became
    why text not null,                     -- JSON: what was wrong, as ends of keys
    primary key (deposit, position)
);
create index deposit_line_message on deposit_line (message);

-- An annulment that was asked of the system that gave the number.
alter table registry_order add column annulment text not null default '';
alter table registry_order add column annulment_words text not null default '';
alter table registry_order add column annulment_reason text not null default '';
alter table registry_order add column annulment_act text not null default '';
alter table registry_order add column annulment_ms bigint;
