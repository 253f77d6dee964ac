-- Letters that go out by certified mail, and what became of each: rebuilt from the journal like the tables of 0002.
create table letter_mail (
    delivery text primary key,
    administration text not null,
    message text not null,
    recipient text not null,               -- address
    mailbox text not null,                 -- its name in the configuration; empty before the first attempt
    message_id text not null,              -- of the last attempt
    attempts integer not null,
    sending text not null,                 -- ordered, attempted, in_doubt, refused, submitted
    fate text not null,                    -- sent, accepted, ordinary, warned, delivered, not_accepted, undelivered
    words text not null,                   -- of whoever spoke last
    ordered_ms integer not null,
    changed_ms integer not null,
    sent_ms integer,                       -- by our clock
    fate_at_ms integer                     -- by the clock of the provider that says so
) strict;
create index letter_mail_message on letter_mail (message);
create index letter_mail_open on letter_mail (administration, sending, fate);

-- Each message that went out for a letter: receipts name it.
create table letter_envelope (
    message_id text primary key,
    administration text not null,
    delivery text not null,
    message text not null
) strict;

-- Receipts that came for a letter.
create table letter_receipt (
    administration text not null,
    key text not null,                     -- of its provider, or SHA-256 of its bytes
    delivery text not null,
    message text not null,
    kind text not null,                    -- of its event
    document text not null,
    provider text not null,
    recipient text not null,
    words text not null,
    extent text not null,
    outcome text not null,                 -- changed, late, other_recipient, contradiction
    at_ms integer,                         -- by the provider's clock
    heard_ms integer not null,             -- by ours
    primary key (administration, key)
) strict;
create index letter_receipt_message on letter_receipt (message);
