-- What happened to a thing, and when something of a kind happened, is looked up and not read for: whatever the log.
create index subject_thing on subject (kind, id);
drop index event_kind;
create index event_kind on event (kind, log, idx);
