# The auditor's pages.

search-title = Search the archive
search-lead = Every search and every reading is recorded under your name.
search-words = Words
search-person = Person or tax code
search-digest = SHA-256 digest
search-export = Export the list (CSV)
search-logged = Give at least one criterion and press Search.
gate-title = The content is closed
gate-text =
  { $count ->
    [0] To read the text state your reason.
    [one] To read the text and one document state your reason.
   *[other] To read the text and { $count } documents state your reason.
  }
gate-reason = Reason for reading
gate-reason-hint = For example the number of your mandate. It stays in the access log.
gate-go = Open the content
audit-history = Whole history
audit-index = Position in the event log
audit-export = Export the case file
audit-export-text = One ZIP file with documents, receipts, history and proofs: anybody verifies it without this site. It holds personal data.
audit-export-prepare = Prepare the case file
audit-export-go = Download the case file
audit-export-kept = The case file that you have prepared already
export-title = Case file to download
export-begins = The case file is being prepared.
export-progress = In preparation: { $files } of { $of } files.
export-leave = You may leave this page and come back: the case file is prepared all the same.
export-again = Refresh
export-file = File
export-resume = A download that was broken off goes on where it stopped. The file stays here for { $days } days, for you alone.
export-anew = Back to the case file, to prepare it again
export-failed = It could not be prepared: nothing is lost. Try again; if it happens again, tell the administrator.
casefile-empty-audit = No message was put into it.
integrity-lead = Check that nothing was changed, removed or backdated.
integrity-archive = The whole archive
integrity-archive-text = Reads every event, document and entry again. It may take a while: the result appears below.
integrity-running = A check is running: reload the page in a few minutes.
integrity-run = Start the check
integrity-item = One item
integrity-item-label = Registration number or identifier
integrity-item-hint = For example 0001234/2026.
integrity-check-item = Check this item
integrity-runs = Checks made
integrity-none = No check made
integrity-none-text = The result of every check stays here, and in the event log.
integrity-word-clean = Whole
integrity-word-wrong = Anomalies found
integrity-clean = Whole: checked on { $at }.
integrity-wrong = Anomalies were found in the check of { $at }.
integrity-log = Event log
integrity-origin = Origin
integrity-size = Events
integrity-checkpoint = Latest checkpoint
integrity-root = Root
integrity-witnesses = Witnesses
integrity-honest = The check shows any change made before a checkpoint that others vouch for. It does not prove that everything was recorded: that is why everything sent gets a receipt at once.
access-lead = Who read what, when and why.
access-search = Search
access-message = Message
access-document = Document
access-case_file = Case file
access-register = Register
access-log = Access log
access-empty = No reading
access-empty-text = Readings by mandate will appear here.
