-- What was said of a document's signatures before it was said anew; the newest verdict stands with the document.
create table verdict (
    log bigint not null,                   -- the event that said it anew
    idx bigint not null,
    document text not null,
    verification text not null,
    primary key (log, idx)
);
create index verdict_document on verdict (document, log, idx);
