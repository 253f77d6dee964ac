# Letters by fiscal code, many at once.

nav-deposits = Deposits
deposits-title = Deposits
deposits-lead = A list of fiscal codes and the documents of each: every line becomes a letter, registered and made available to its person, even to one who has never signed in.
deposits-empty = No deposits
deposits-empty-text = Your office’s deposits appear here, with what became of each line.
deposits-new = New deposit
deposits-no-office = To deposit you must belong to an office.
deposit-name = What to call it
deposit-name-hint = Only to find it again, for example “Waste tax 2026”.
deposit-begin = Continue
deposit-letters = Letters
deposit-count = { $sent } of { $lines }
deposit-count-failed = { $failed } failed
deposit-state-draft = To be sent
deposit-state-sending = Being sent
deposit-state-done = Done
deposit-bring = List and documents
deposit-bring-text = The list is a CSV file whose first line names the columns: “fiscal_code”, “name”, “subject”, “text”, “files”. It may have up to { $lines } lines; several files of a line are parted by “|”. Nothing leaves until you say so.
deposit-list = List (CSV)
deposit-list-hint = A new list takes the place of the one before.
deposit-files = Documents
deposit-files-hint = A ZIP archive, or the files one by one: they are added to those that are there.
deposit-bring-go = Upload and check
deposit-checked = Check
deposit-checked-text = { $lines ->
    [one] One line
   *[other] { $lines } lines
}, { $files ->
    [one] one document.
   *[other] { $files } documents.
}
deposit-checked-good = Every line is good.
deposit-checked-wrong = { $wrong ->
    [0] The lines are good, the documents are not: see below.
    [one] One line is wrong: you find it first, with what to do.
   *[other] { $wrong } lines are wrong: you find them first, with what to do.
}
deposit-unused = No line names these documents, which will not be sent:
deposit-twice = Several documents have these names; take the documents away and upload them under different names:
deposit-start-text = { $good ->
    [one] One letter will be registered and made available. It cannot be stopped.
   *[other] { $good } letters will be registered and made available. Once started it cannot be stopped.
}
deposit-leave-out = Leave out the lines that are wrong and the documents that no line names
deposit-start = { $good ->
    [one] Send one letter
   *[other] Send { $good } letters
}
deposit-nothing = No list yet.
deposit-progress = How far it is
deposit-progress-text = Letters sent: { $sent } of { $lines }. Waiting: { $waiting }. Left out: { $left }.
deposit-sending-text = Sending goes on even when you close this page.
deposit-refresh = Refresh
deposit-failed-text = { $failed ->
    [one] One letter did not leave: mend what stands beside its line and repeat.
   *[other] { $failed } letters did not leave: mend what stands beside their lines and repeat.
}
deposit-repeat = { $failed ->
    [one] Repeat the failed one
   *[other] Repeat the { $failed } that failed
}
deposit-lines = Lines
deposit-download = Download the outcome (CSV)
deposit-more = { $more ->
    [one] One more line is in the file of the outcome.
   *[other] { $more } more lines are in the file of the outcome.
}
deposit-away = Start again
deposit-take-away = Take the documents away
deposit-take-away-text = Documents uploaded: { $files }. The list stays.
deposit-take-away-go = Take all away
deposit-discard = Discard the deposit
deposit-discard-text = The list and the uploaded documents are lost; nothing was sent.
deposit-discard-go = Discard
deposit-line-good = Good
deposit-line-wrong = To be mended
deposit-line-draft = To be sent
deposit-line-left_out = Left out
deposit-line-waiting = Waiting
deposit-line-sent = Sent
deposit-line-failed = Failed
deposit-col-line = Line
deposit-col-code = Fiscal code
deposit-col-name = Name
deposit-col-subject = Subject
deposit-col-files = Documents
deposit-col-state = State
deposit-col-number = Number
deposit-col-faults = What is wrong
deposit-fault-code = “{ $about }” is no fiscal code: check letters and digits.
deposit-fault-name = The name is missing: the service does not know this person yet.
deposit-fault-subject = The subject is missing.
deposit-fault-subject-long = The subject is longer than { $about } characters: shorten it.
deposit-fault-text-long = The text is longer than { $about } characters: shorten it.
deposit-fault-nothing = It has neither text nor documents: write at least one.
deposit-fault-files = It has more than { $about } documents: make several lines of it.
deposit-fault-missing = The document “{ $about }” is missing: upload it, or mend its name.
deposit-fault-malware = Malware was found in “{ $about }”: replace it.
deposit-fault-twice = There are several “{ $about }”: upload them under different names.
deposit-fault-shared = “{ $about }” is another line’s already: each document goes to one person only.
deposit-fault-repeated = “{ $about }” is named twice in this line.
deposit-fault-large = Its documents are together larger than { $about }.
deposit-fault-duplicate = It is the same as line { $about }.
deposit-fault-refused = It was refused ({ $about }): mend it and repeat.
deposit-letter-text = Please find the attached documents.
done-deposit-taken = Uploaded and checked.
done-deposit-started = Sending started.
done-deposit-discarded = Deposit discarded.
field-deposit_long = The list is larger than 2 MB: make several deposits of it.
field-deposit_utf8 = The list is not in UTF-8: save it as “CSV UTF-8”.
field-deposit_columns = The list cannot be read: its first line must name the columns, at least “fiscal_code”.
field-deposit_lines = The list has more than 1000 lines: make several deposits of it.
field-deposit_empty = The list has no lines below its first.
field-deposit_zip = The ZIP archive cannot be read: make it again and upload it.
field-deposit_encrypted = The ZIP archive is under a password: remove it and upload it again.
field-deposit_many = The ZIP archive holds more than 2000 files: divide it.
field-deposit_large = A file in the ZIP archive is too large.
field-deposit_none = No line is good: mend the list and upload it again.
field-deposit_faults = Some lines or documents are wrong: mend them, or say that they are to be left out.
