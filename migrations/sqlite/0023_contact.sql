-- Parties that another system knew, to be picked instead of typed. Not of the journal: what is used of them is written down there.
create table contact (
    administration text not null,
    code text not null,                    -- fiscal code or VAT number
    name text not null,
    email text not null,
    organisation integer not null,
    primary key (administration, code)
) strict;
create index contact_name on contact (administration, name);
