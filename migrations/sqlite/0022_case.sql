-- Case files that another system kept before: their number and days there. Of the journal, like the rest of the table.
alter table case_file add column former text not null default '';
alter table case_file add column former_opened text not null default '';
alter table case_file add column former_closed text not null default '';
create index case_file_former on case_file (administration, former);
