-- What the events say, for reading: every table here is rebuilt from the journal by `plico rebuild`.

create table administration (
    id text primary key,
    name text not null,
    ipa_code text not null,
    area text not null                     -- registry area (AOO)
);

create table setting (
    administration text not null,
    name text not null,
    value text not null,                   -- JSON
    primary key (administration, name)
);

create table office (
    id text primary key,
    administration text not null,
    name text not null,
    responsible text not null,
    email text not null,
    protocol boolean not null,
    valid_from text not null,
    valid_until text
);
create index office_body on office (administration, name);

create table operator (
    account text primary key,
    administration text not null,
    login text not null,
    name text not null,
    email text not null,
    active boolean not null,
    roles text not null default '',        -- comma separated
    unique (administration, login)
);

create table operator_office (
    account text not null,
    office text not null,
    primary key (account, office)
);

create table person (
    id text primary key,
    administration text not null,
    name text not null,
    fiscal_code text,
    email text,
    organisation boolean not null,
    unique (administration, fiscal_code)
);

create table message (
    id text primary key,
    administration text not null,
    direction text not null,               -- in, out
    kind text not null,
    office text not null,
    subject text not null,
    text text not null,
    thread text not null,
    reply_to text,
    effect text,
    sender text,                           -- person, for what comes in
    basis text,
    author text not null,                  -- account that wrote it
    author_name text not null,
    instant_ms bigint not null,            -- presented, or registered for what goes out
    due text,
    state text not null,
    operator text,
    responsible text,
    area text,
    year integer,
    number bigint,
    registered_ms bigint,
    annulled boolean not null default false,
    outcome text,
    case_file text
);
create index message_sender on message (administration, sender, instant_ms, id);
create index message_office on message (administration, office, direction, instant_ms, id);
create index message_body on message (administration, direction, instant_ms, id);
create index message_thread on message (thread, instant_ms);
create index message_case on message (case_file, instant_ms);

create table knowledge (
    message text not null,
    office text not null,
    primary key (message, office)
);
create index knowledge_office on knowledge (office, message);

create table note (
    id text primary key,
    message text not null,
    author_name text not null,
    text text not null,
    instant_ms bigint not null
);
create index note_message on note (message, instant_ms);

create table delivery (
    id text primary key,
    administration text not null,
    message text not null,
    recipient text not null,
    available_ms bigint not null,
    opened_ms bigint,
    opened_by text,
    opened_as text,
    withdrawn_ms bigint,
    withdrawn_reason text,
    notice text,                           -- sent, failed
    notice_ms bigint,
    notice_detail text
);
create index delivery_recipient on delivery (administration, recipient, available_ms, id);
create index delivery_message on delivery (message);

create table document (
    id text primary key,
    administration text not null,
    message text not null,
    position bigint not null,
    role text not null,
    category text,                         -- of issued documents
    name text not null,
    media_type text not null,
    size bigint not null,
    sha256 text not null,
    verification text,
    sealed boolean not null,
    withdrawn_ms bigint,
    log bigint not null,                   -- the event that commits to it
    idx bigint not null,
    instant_ms bigint not null
);
create index document_message on document (message, position);
create index document_digest on document (administration, sha256);

create table registration (
    administration text not null,
    area text not null,
    year integer not null,
    number bigint not null,
    message text not null unique,
    direction text not null,
    registered_ms bigint not null,
    day text not null,                     -- legal day
    presented_ms bigint,
    subject text not null,
    parties text not null,
    office text not null,
    digest text not null,                  -- impronta of the primary document
    annulled_ms bigint,
    annulled_reason text,
    primary key (administration, area, year, number)
);
create index registration_day on registration (administration, day);

create table registration_change (
    message text not null,
    instant_ms bigint not null,
    field text not null,
    old text not null,
    new text not null,
    reason text not null,
    author_name text not null,
    log bigint not null,
    idx bigint not null,
    primary key (log, idx)
);
create index registration_change_message on registration_change (message, instant_ms);

-- The next number: one row per area and legal year, moved in the transaction of the act.
create table register_head (
    administration text not null,
    area text not null,
    year integer not null,
    next bigint not null,
    primary key (administration, area, year)
);

create table case_file (
    id text primary key,
    administration text not null,
    office text not null,
    year integer not null,
    number bigint not null,
    title text not null,
    opened_ms bigint not null,
    closed_ms bigint
);
create index case_file_body on case_file (administration, office, opened_ms);

create table reading (
    log bigint not null,
    idx bigint not null,
    administration text not null,
    account text not null,
    name text not null,
    what text not null,
    thing text not null,
    reason text not null,
    instant_ms bigint not null,
    primary key (log, idx)
);
create index reading_body on reading (administration, instant_ms);
create index reading_thing on reading (account, thing, instant_ms);

-- Counts that badges need, kept instead of counted.
create table tally (
    administration text not null,
    owner text not null,                   -- person or office
    name text not null,                    -- unopened, waiting, mine
    value bigint not null,
    primary key (administration, owner, name)
);
