-- What registries of bodies say to each other by certified mail: rebuilt from the journal like the tables of 0002.
create table mark (
    message text primary key,
    administration text not null,
    generation text not null,              -- 2001, 2001r, 2013, 3
    body text not null,                    -- IPA code, as the mark says
    area text not null,
    register text not null,
    number integer not null,
    day text not null,
    sender text not null,
    subject text not null,
    asks integer not null,
    signature text not null,               -- none, intact, broken
    mailbox text not null,
    address text not null,                 -- certified; empty where nobody certifies it
    documents text not null                -- JSON: name and verdict of each
) strict;

-- Notices of ours: each goes out as a letter_mail of the same delivery.
create table mark_answer (
    delivery text primary key,
    administration text not null,
    message text not null,
    kind text not null,                    -- confirmation, exception, update, annulment
    reason text not null,
    act text not null,
    ordered_ms integer not null
) strict;
create index mark_answer_message on mark_answer (message);

-- Notices of other bodies about letters of ours.
create table mark_notice (
    administration text not null,
    mail text not null,                    -- key of the mail
    message text not null,
    kind text not null,
    address text not null,
    body text not null,
    area text not null,
    register text not null,
    number integer not null,               -- 0: none
    day text not null,
    reason text not null,
    act text not null,
    document text not null,
    heard_ms integer not null,
    primary key (administration, mail)
) strict;
create index mark_notice_message on mark_notice (message);

-- By which rules the mark of a letter is written; empty where it has none.
alter table letter_mail add column segnatura text not null default '';
