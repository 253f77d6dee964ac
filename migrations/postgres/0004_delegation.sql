-- Who reads for whom and who acts for whom: rebuilt from the journal like the tables of 0002.

create table delegation (
    id text primary key,
    administration text not null,
    kind text not null,                    -- delegation, mandate
    holder text not null,                  -- person for whom
    delegate text not null,                -- person who
    title text not null,                   -- of a mandate
    evidence text not null,                -- of a mandate
    until text,                            -- last day
    granted_ms bigint not null,
    in_force_ms bigint,                    -- accepted, or confirmed
    revoked_ms bigint
);
create index delegation_holder on delegation (administration, holder);
create index delegation_delegate on delegation (delegate);
create index delegation_body on delegation (administration, kind, granted_ms);
