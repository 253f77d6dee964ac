-- Epochs of the administrations' keys, holds, and lawful destruction: rebuilt from the journal like the tables of 0002, all but `erased`.

create table key_epoch (
    administration text not null,
    epoch bigint not null,
    added_ms bigint,                      -- the first one was there from the beginning
    retired_ms bigint,                    -- its key is destroyed
    primary key (administration, epoch)
);

-- Nothing of it may be destroyed.
create table hold (
    kind text not null,                    -- message, case_file
    thing text not null,
    administration text not null,
    reason text not null,
    author_name text not null,
    instant_ms bigint not null,
    primary key (kind, thing)
);
create index hold_body on hold (administration, instant_ms);

create table destruction (
    id text primary key,
    administration text not null,
    proposed_ms bigint not null,
    proposed_by text not null,
    authority text,
    number text,
    date text,                             -- of the authorising act
    authorised_ms bigint,
    authorised_by text,
    done_ms bigint,
    epoch bigint,                         -- under which everything else was wrapped again
    rewritten boolean                     -- deleted rows are gone from the database's files too
);
create index destruction_body on destruction (administration, proposed_ms);

create table destruction_item (
    destruction text not null,
    message text not null,
    struck text,                           -- why it stays
    erased_ms bigint,
    primary key (destruction, message)
);
create index destruction_item_message on destruction_item (message);

-- Identifiers of documents and receipts that went with a message: whoever asks for one is told so.
create table former (
    id text primary key,
    message text not null
);

-- What a restore found without a key: it was erased after the data were backed up. Not rebuilt.
create table erased (
    thing text primary key
);

alter table message add column destruction text;
create index grant_epoch on access_grant (administration, epoch);

-- Whoever still holds the keys of before wraps nothing that nobody could open.
create function refuse_old_epoch() returns trigger language plpgsql as $$ begin
    if new.epoch < (select coalesce(max(epoch), 0) from key_epoch where administration = new.administration and added_ms is not null) then
        raise exception 'the keys were renewed';
    end if;
    return new;
end $$;
create trigger grant_is_current before insert on access_grant for each row execute function refuse_old_epoch();
create trigger upload_is_current before insert on upload for each row execute function refuse_old_epoch();

-- A count of nothing is no row: a rebuild knows only what is there.
delete from tally where value = 0;
