-- What is found by its number: the letter that another body speaks of, what it registered, the past entries of a case file.
create index message_number on message (administration, year, number);
create index mark_number on mark (administration, number);
create index mark_notice_number on mark_notice (administration, number);
create index past_entry_case on past_entry (administration, case_file);
