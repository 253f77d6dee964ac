-- Letters that wait for signatures, and who signs in whose place: rebuilt from the journal like the tables of 0002.

create table signing (
    message text primary key,              -- that it will be
    administration text not null,
    office text not null,                  -- that sends it
    subject text not null,
    recipient text not null,               -- name
    sha256 text not null,                  -- of what is to be signed
    author text not null,                  -- account
    author_name text not null,
    signers text not null,                 -- JSON: accounts and names, in order
    turn bigint not null,                 -- how many have signed
    signer text not null,                  -- account whose turn it is; empty when it is nobody's
    state text not null,                   -- waiting, returned, withdrawn, signed
    reason text not null,                  -- why it was sent back
    signed_by text not null,               -- JSON: who signed, how, when
    requested_ms bigint not null,
    changed_ms bigint not null
);
create index signing_signer on signing (administration, signer, requested_ms);
create index signing_author on signing (administration, author, changed_ms);

create table substitution (
    id text primary key,
    administration text not null,
    officer text not null,                 -- account in whose place
    substitute text not null,              -- account that signs
    valid_from text not null,              -- first day
    valid_until text not null,             -- last day
    ended_ms bigint                       -- ended before
);
create index substitution_officer on substitution (administration, officer);

alter table operator add column fiscal_code text not null default '';

-- What a prepared letter will say when it leaves. Not evidence: its digest is in the journal, and it is read before it
-- is signed. Its files are uploads of `signing:<message>`.
create table signing_letter (
    message text primary key,
    administration text not null,
    letter text not null                   -- JSON
);
