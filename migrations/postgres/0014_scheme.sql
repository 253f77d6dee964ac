-- The class that a message or a case file has in the classification scheme.

alter table message add column class text not null default '';
alter table case_file add column class text not null default '';
