-- Epochs of the administrations' keys, holds, and lawful destruction: rebuilt from the journal like the tables of 0002, all but `erased`.

create table key_epoch (
    administration text not null,
    epoch integer not null,
    added_ms integer,                      -- the first one was there from the beginning
    retired_ms integer,                    -- its key is destroyed
    primary key (administration, epoch)
) strict;

-- Nothing of it may be destroyed.
create table hold (
    kind text not null,                    -- message, case_file
    thing text not null,
    administration text not null,
    reason text not null,
    author_name text not null,
    instant_ms integer not null,
    primary key (kind, thing)
) strict;
create index hold_body on hold (administration, instant_ms);

create table destruction (
    id text primary key,
    administration text not null,
    proposed_ms integer not null,
    proposed_by text not null,
    authority text,
    number text,
    date text,                             -- of the authorising act
    authorised_ms integer,
    authorised_by text,
    done_ms integer,
    epoch integer,                         -- under which everything else was wrapped again
    rewritten integer                      -- deleted rows are gone from the database's files too
) strict;
create index destruction_body on destruction (administration, proposed_ms);

create table destruction_item (
    destruction text not null,
    message text not null,
    struck text,                           -- why it stays
    erased_ms integer,
    primary key (destruction, message)
) strict;
create index destruction_item_message on destruction_item (message);

-- Identifiers of documents and receipts that went with a message: whoever asks for one is told so.
create table former (
    id text primary key,
    message text not null
) strict;

-- What a restore found without a key: it was erased after the data were backed up. Not rebuilt.
create table erased (
    thing text primary key
) strict;

alter table message add column destruction text;
create index grant_epoch on access_grant (administration, epoch);

-- Whoever still holds the keys of before wraps nothing that nobody could open.
create trigger grant_is_current before insert on access_grant
    when new.epoch < (select coalesce(max(epoch), 0) from key_epoch where administration = new.administration and added_ms is not null)
    begin select raise(abort, 'the keys were renewed'); end;
create trigger upload_is_current before insert on upload
    when new.epoch < (select coalesce(max(epoch), 0) from key_epoch where administration = new.administration and added_ms is not null)
    begin select raise(abort, 'the keys were renewed'); end;

-- A count of nothing is no row: a rebuild knows only what is there.
delete from tally where value = 0;
