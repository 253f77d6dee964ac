-- What is not evidence: sessions, drafts, secrets, receipts' places. Nothing here is rebuilt from the journal.

create table session (
    token_hash bytea primary key,
    account text not null,
    kind text not null,                    -- person, operator
    level text not null,
    acting_for text,
    csrf bytea not null,
    created_ms bigint not null,
    seen_ms bigint not null,
    expires_ms bigint not null,
    evidence bytea not null,
    locale text
);
create index session_account on session (account);

create table secret (
    account text primary key,
    password text,                         -- PHC string, argon2id
    totp bytea,                            -- wrapped by the administration's epoch key
    totp_step bigint not null default 0,   -- last step used: a code works once
    invite_hash bytea,                     -- SHA-256 of the one-time link
    invite_until_ms bigint
);
create index secret_invite on secret (invite_hash);

create table api_token (
    hash bytea primary key,
    id text not null unique,
    administration text not null,
    account text not null,                 -- person or operator it acts as
    name text not null,
    scopes text not null,
    created_ms bigint not null,
    expires_ms bigint,
    revoked_ms bigint,
    used_ms bigint
);
create index api_token_body on api_token (administration, created_ms);

create table draft (
    id text primary key,                   -- becomes the message's identifier when sent
    administration text not null,
    person text not null,
    author text not null,
    kind text not null,
    office text not null,
    subject text not null,
    text text not null,
    reply_to text,
    purpose text not null,                 -- filing, reply, addition
    updated_ms bigint not null
);
create index draft_person on draft (administration, person, updated_ms);

-- A file uploaded for a draft or for an operator's message; freely removed when nobody sends it.
create table upload (
    id text primary key,                   -- becomes the document's identifier when sent
    administration text not null,
    owner text not null,                   -- draft identifier
    position bigint not null,
    name text not null,
    media_type text not null,
    size bigint not null,
    sha256 text not null,
    blob bytea not null,
    epoch bigint not null,
    wrapped bytea not null,
    verification text,
    sealed boolean not null,
    scanned text not null,                 -- clean, found, unavailable, off
    created_ms bigint not null
);
create index upload_owner on upload (owner, position);
create index upload_blob on upload (blob);

create table receipt (
    id text primary key,
    log bigint not null,
    idx bigint not null,
    kind text not null,
    administration text not null,
    message text not null,
    holder text not null,                  -- a person
    language text not null,
    name text not null,
    size bigint not null,
    sha256 text not null,
    blob bytea not null,
    issued_ms bigint not null,
    unique (log, idx, holder, language)
);
create index receipt_holder on receipt (administration, holder, issued_ms);
create index receipt_message on receipt (message);

create table idempotency (
    account text not null,
    key text not null,
    request bytea not null,                -- SHA-256 of what was asked
    answer text not null,
    created_ms bigint not null,
    primary key (account, key)
);

-- Codes that let whoever holds them check a document: random, never the identifier.
create table access_code (
    code_hash bytea primary key,
    document text not null,
    created_ms bigint not null
);
create index access_code_document on access_code (document);
