-- What was fetched from authorities, so that a later look needs no network; and whoever runs this sees what failed. It can
-- be fetched again, and is no evidence: what a verdict rested on stands in the verdict.
create table fetched (
    source text primary key,               -- its address; of an answer with the digest of what was asked
    kind text not null,                    -- list, issuers, answer, crl
    asked_ms integer not null,             -- last asked
    got_ms integer,                        -- when what is here came
    body blob,
    problem text,                          -- why nothing came the last time; null when it did
    detail text
) strict;
create index fetched_kind on fetched (kind);

-- When the signatures of a document were last looked at, and by whom they were believed then: others look again.
create table looked (
    document text primary key,
    at_ms integer not null,
    trust text not null
) strict;
create index looked_at on looked (at_ms);
insert into looked (document, at_ms, trust)
    select id, 0, '' from document where verification like '%"situation":"signed"%';
