-- Numbers of series that do not count any more; of the journal, like the rest of the table.
alter table series_entry add column annulled_ms bigint;
alter table series_entry add column annulled_reason text not null default '';
