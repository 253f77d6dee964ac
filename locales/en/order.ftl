# Registrations of outside registries.

orders-title = Outside registrations
orders-lead = What an outside registry system numbers: what is in doubt, what is missing, what went well.
orders-views = State of the registrations
orders-late = { $count ->
    [one] One filing of earlier days still has no registration number.
   *[other] { $count } filings of earlier days still have no registration number.
 } Presentation and registration must bear the same date: somebody has to act.
orders-empty = No outside registration
orders-empty-text = Here is what the administrator entrusts to an outside registry system.
orders-alert = { $count ->
    [one] One outside registration waits for a decision.
   *[other] { $count } outside registrations wait for a decision.
 }
orders-see = See the outside registrations
order-state-queued = Queued
order-state-queued-text = The system “{ $system }” was not asked yet, or does not answer: it is tried again by itself. The filing is presented already.
order-state-uploading = Sending files
order-state-uploading-text = The files are on their way to “{ $system }”.
order-state-registering = Number asked for
order-state-registering-text = “{ $system }” was asked for the number and has not answered yet.
order-state-in_doubt = In doubt
order-state-in_doubt-text = An answer of “{ $system }” was lost: what it did is not known, and nothing is repeated blindly.
order-taken-text = “{ $system }” gave a number that it had given to another filing before: check in the system which of the two is right.
order-several-text = “{ $system }” has several registrations with our key: check which one counts, have the others annulled, and link that one.
order-state-registered = Registered
order-state-registered-text = “{ $system }” gave the number and has all files.
order-state-incomplete = Files missing
order-state-incomplete-text = “{ $system }” gave the number, but not all files are known to have arrived.
order-state-failed = Refused
order-state-failed-text = “{ $system }” said no: read why, mend it and ask again.
order-title = Outside registration
order-system = System
order-ordered = Ordered
order-not-configured = The system “{ $system }” is not configured any more: the registration waits. Ask whoever runs the service.
order-date = Date of registration
order-mark = Registration mark
order-last = Last step
order-nothing-yet = Nothing yet
order-words = What it answered
order-key = Our key
order-key-text = It is written into the registered object: by it the object is found again.
order-files = Documents
order-file-there = Arrived
order-file-unknown = Not known
order-history = What happened
order-was-ordered = Registration ordered
order-asked = Asked:
order-exchanges = { $count ->
    [one] One request with its answer
   *[other] { $count } requests with their answers
 }
order-request = Request
order-answer = Answer
order-step-prepare = document without a number
order-step-upload = sending a file
order-step-number = number
order-step-attach = sending a file after the number
order-outcome-done = done
order-outcome-refused = refused
order-outcome-not-asked = the system does not answer
order-outcome-doubt = answer lost
order-outcome-later = to be asked later
order-outcome-unable = the system cannot do that
order-outcome-ours = the document cannot be read
order-outcome-found = found again
order-outcome-absent = looked for and not found
order-outcome-several = several registrations found
order-outcome-cannot-look = the system cannot be asked
order-outcome-taken = number given to another filing before
order-outcome-person-look = somebody had it looked for
order-outcome-person-again = somebody decided to ask again
order-outcome-person-linked = somebody linked it to a number
order-outcome-late = an answer that came when it was no longer expected
order-outcome-person-here = registered in the built-in register by a person’s decision
order-here = Register in the built-in register
order-here-go = Register here
order-here-text = If no number will come from that system: the message now gets its number in the built-in register, and the order ends.
order-here-sure = I have checked that it is not registered in that system
order-look = Look now
order-look-text = Asks the system what it has, without changing anything.
order-link = Link to a number that was found
order-link-go = Link
order-link-text = If you found the registration in the system, write its number. By this you attest that it has all its files.
order-link-reason = How you found it
order-link-sure = It is this one, although the system shows another subject or does not find it
order-again = Ask again
order-again-go = Ask again
order-again-text = Only if you have checked that it is not in the system: otherwise there will be two numbers.
order-no-acts = There is nothing to decide now.
compare-title = Comparison of a day
compare-lead = The numbers of a day as the outside system has them, beside those that we know.
compare-go = Compare
compare-side = Who knows it
compare-both = Both
compare-ours = Only we
compare-theirs = Only the system
compare-empty = No registration on that day
compare-empty-text = Neither here nor in the outside system.
compare-unable = This system cannot list the registrations of a day.
compare-no-systems = No outside system
compare-no-systems-text = Everything is numbered by this service’s own register.

nav-registry = Registry
registry-lead = Who gives the registration number. This service’s own register (area { $area }) numbers at the very instant of presentation; an outside system is ordered at once to give a number, and it comes when the system answers.
registry-otherwise = All other kinds of message
registry-by = Numbered by
registry-built-in = This service’s register
registry-like-others = Like all others
registry-more = Classification and more
registry-classification = Classification code
registry-case-file = Case file
registry-options = Other data for the system
registry-options-hint = One a line, like “name = value”: the system’s page says which there are.
registry-offices = Codes of the offices
registry-offices-text = What the outside system calls each office; empty where it is not needed.
registry-none = No outside system is configured
registry-none-text = Everything is numbered by this service’s own register. Whoever runs the service can connect a registry system with “registry.folder”.
field-registry_options = Write one item a line: name, equals sign, value.
field-registry_another = In the system this number is another registration’s: check, and confirm if it is this one.
field-registry_unasked = The system could not show it: if you are sure, tick the box.
field-registry_annulled = This registration is annulled: it cannot be linked.
field-registry_absent = The system does not have this number: check, and confirm if it is this one.
field-registry_given = This number is another filing’s already.
done-order-looked = It is being looked for: the outcome appears below shortly.
done-order-again = It will be asked again.
done-order-linked = The registration was linked to the number.

health-orders = Outside registrations
health-orders-none = None waits.
health-orders-held = { $count } wait for a decision.
health-orders-held-todo = The registry office finds them in “Outside registrations”.
health-orders-late = { $count } filings of earlier days still have no number.
health-orders-late-todo = Check that the registry system answers (“plico doctor”), then tell the registry office.

# The emergency register.

emergency-title = Emergency register
emergency-lead = While the register cannot be used, numbers are given by hand on an authorised emergency register; as soon as it is back, each registration is entered here with its emergency number (art. 63 DPR 445/2000).
emergency-open = Open the emergency register
emergency-open-go = Open
emergency-cause = Cause of the interruption
emergency-from = From
emergency-from-day = Day it began
emergency-from-time = Hour it began
emergency-to = To
emergency-to-day = Day it ended
emergency-to-time = Hour it ended
emergency-authorisation = Act that authorises it
emergency-authorisation-hint = Number, date and who signed it.
emergency-until = Good until
emergency-until-hint = At most a week: then another act is needed.
emergency-entered = Entered
emergency-is-open = Open
emergency-expired = Expired
emergency-good-until = authorised until { $day }
emergency-expired-text = The authorisation ended on { $day }: renew it or close the emergency register.
emergency-open-text = The emergency register is open, authorised until { $day }.
emergency-missing = { $count ->
    [one] One registration made by hand has not been entered yet: enter it at the counter, with its emergency number.
   *[other] { $count } registrations made by hand have not been entered yet: enter them at the counter, with their emergency numbers.
 }
emergency-whole = Every registration made by hand has been entered.
emergency-empty = Never opened
emergency-empty-text = So far the register has never stopped.
emergency-by = Opened by
emergency-by-hand = { $count ->
    [one] one registration by hand
   *[other] { $count } registrations by hand
 }
emergency-entered-title = Registrations entered
emergency-number = Emergency number
emergency-ordinary = Registration number
emergency-none-entered = None yet.
emergency-renew = Renew
emergency-renew-go = Renew
emergency-close = Close
emergency-close-go = Close
emergency-totals = Registrations by hand, day by day
emergency-totals-hint = A line a day, like “2026-11-23 = 4”. Days without a number do not count.
field-emergency_week = Choose a day within a week.
field-emergency_totals = Write a line a day, like “2026-11-23 = 4”, between beginning and end, and at least one.
field-emergency_number = This emergency number was entered before, or comes after the end: check it.
done-emergency-opened = The emergency register is open.
done-emergency-renewed = The authorisation is renewed.
done-emergency-closed = The emergency register is closed: now enter what was registered by hand.
counter-emergency = Emergency register
counter-emergency-none = It does not come from the emergency register
counter-emergency-number = Emergency number

# Reports of the register.

report-title = Reports
report-lead = What of the register wants to be looked at: annulled, changed, registered later, in no case file.
report-which = Which report
report-go = Show
report-annulled = Annulled entries
report-changed = Changed entries
report-late = Late entries
report-deferred = Deferred entries
report-emergency = From the emergency register
report-unfiled = In no case file
report-unclassified = Without a class
report-presented = presented { $at }
report-most = The report ends at { $count } lines: choose a shorter time.
report-empty = Nothing in this time
report-empty-text = Choose another report or another time.
report-col-number = Number
report-col-area = Register
report-col-registered = Registered
report-col-presented = Presented
report-col-direction = Direction
report-col-subject = Subject
report-col-parties = Sender or recipients
report-col-office = Office
report-col-detail = Reason
registry-letters = Letters that the offices send
registry-certificates = Certificates
field-registry_no_out = This system does not number what the body sends: choose the register of this service or another system.
item-prepared = The number was ordered of an outside registry system and has not come yet: its recipient sees nothing of it, and until then it cannot be withdrawn. With the number it becomes available by itself.
annulment-title = Annulment
annulment-ask = Annul in the registry system
annulment-look-text = The answer of “{ $system }” was lost: nobody knows whether it annulled, and it is not asked again blindly.
annulment-elsewhere = “{ $system }” cannot be asked to annul from here: whoever keeps that register annuls there, with the act that authorises it.
annulment-asked = The annulment was asked, and the answer has not come yet.
annulment-done = The system annulled the number.
annulment-refused = The system said no.
annulment-doubt = The answer was lost: look what became of it.
annulment-absent = Looked up: the number is not annulled there. It may be asked again.
annulment-not-asked = The system does not answer: nothing was asked. Try again later.
annulment-later = The system wants to be asked later: nothing was done.
annulment-ours = The request could not be made.
annulment-unable = This system cannot annul from here.
done-annulment = Asked: read below what the system answered.
field-registry_own = This is the area of this service’s own register: its numbers and these would be taken for each other.
