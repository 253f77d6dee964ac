-- Which mail became which message, by the key that it is recognised by: rebuilt from the journal like the tables of 0002.
create table mail_taken (
    administration text not null,
    key text not null,                     -- of its provider, or SHA-256 of its bytes
    message text not null,
    primary key (administration, key)
);

-- How far each mailbox was read, and how that went.
create table mailbox_state (
    mailbox text primary key,              -- its name in the configuration
    administration text not null,
    validity bigint not null,            -- what its server calls UIDVALIDITY
    last_uid bigint not null,
    looked_ms bigint not null,
    error text not null                    -- empty: it could be read
);

-- What was read and is no message: it stays where it lies.
create table mailbox_left (
    mailbox text not null,
    validity bigint not null,
    uid bigint not null,
    administration text not null,
    what text not null,                    -- receipt, bounce, large, unreadable, unmoved
    subject text not null,
    instant_ms bigint not null,
    primary key (mailbox, validity, uid)
);
