-- The class that a message or a case file has in the classification scheme.

alter table message add column class text not null default '';
alter table case_file add column class text not null default '';

-- What a letter says that waits for signatures is nobody's record until it leaves: its words are beside the events, and
-- go when it was taken back or sent back and then forgotten.
alter table signing drop column subject;
alter table signing drop column recipient;
alter table signing drop column reason;
alter table signing_letter add column subject text not null default '';
alter table signing_letter add column recipient text not null default '';
alter table signing_letter add column reason text not null default '';
