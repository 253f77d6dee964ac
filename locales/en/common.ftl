# The frame of every page, and the words that many pages share.

service-name = Digital mailroom
service-tagline = Digital mailroom: write to the offices, receive your documents
skip-to-content = Skip to the content
skip-to-nav = Skip to the menu
skip-to-footer = Skip to the foot of the page
demo-ribbon = DEMO: invented people and documents, receipts without value.
demo-change = Be somebody else
language-choice = Language
acting-for = on behalf of { $name }
reading-for = you read for { $name }
back-to-self = Back to yourself
sign-out = Sign out
sign-in-to-area = Sign in
session-warning = Your session ends in a few minutes. If you are writing, prolong it: nothing will be lost.
session-prolong = Prolong the session (opens in another tab)
wait-sending = Sending, please wait.
footer-help = Do you need help?
footer-links = Useful links
footer-accessibility = Accessibility statement
footer-privacy = Privacy notice

nav-main = Main menu
nav-desk = Desk
nav-messages = Messages
nav-cases = My requests
nav-documents = Documents
nav-receipts = Receipts
nav-unread = to open
nav-queue = Queue
nav-casefiles = Case files
nav-register = Register
nav-mandates = Titles to act
nav-disposal = Disposal
nav-write = New message
nav-search = Search
nav-integrity = Integrity check
nav-access = Access log
nav-system = Status
nav-body = Body
nav-offices = Offices
nav-operators = Operators
nav-kinds = Kinds
nav-mail = Mail
nav-limits = Limits
nav-programs = Programs
nav-jobs = Jobs
nav-verify = Check a document
nav-status = Service status
crumbs = You are here

cancel = Cancel
save = Save
change = Change
revoke = Revoke
remove = Remove
go-home = Go to the first page
of-file = { $name }
optional = (optional)
reason = Reason
none = None
count-files =
  { $count ->
    [0] no files
    [one] { $count } file
   *[other] { $count } files
  }
count-results =
  { $count ->
    [0] No results
    [one] { $count } result
   *[other] { $count } results
  }
term-days =
  answer within { $days ->
    [one] { $days } day
   *[other] { $days } days
  }

filter = Filter
filter-clear = Remove filters
filter-words = Search
filter-from = From
filter-to = To
filter-state = State
filter-office = Office
filter-any = All
filter-none-title = Nothing was found
filter-none-text = Try other filters, or remove them.
pages-of-list = Pages of the list
pages-range = { $from } to { $to } of { $total }
pages-range-open = { $from } to { $to }
pages-previous = Previous
pages-next = Next

steps-label = Step { $now } of { $of }
step-done = Done:
errors-title = Something is missing or wrong
error-prefix = Error:
upload-drop-many = Drop the files here, or choose them:
upload-drop-one = Drop the file here, or choose it:
upload-too-large = too large
upload-hint = Several at once if you like. Each file may be up to { $limit }.

col-subject = Subject
col-number = Number
col-date = Date
col-state = State
col-office = Office
col-sender = Sender
col-recipient = Recipient
col-kind = Kind
col-due = Due
col-operator = Operator
col-name = Name
col-who = Who
col-what = What
col-when = When
col-actions = Actions

# Where a message, a delivery, a document, a case file or a job stands.
state-draft = Draft
state-presented = Presented
state-registered = Registered
state-in_doubt = Being checked
state-assigned = Assigned
state-taken_in_charge = Taken in charge
state-supplement_requested = More is needed
state-answered = Answered
state-granted = Granted
state-denied = Denied
state-withdrawn = Withdrawn
state-sent = Sent
state-closed = Closed
state-open = Open
state-to_open = To open
state-opened = Opened
state-available = Available
state-unavailable = No longer available
state-annulled = Annulled
state-rectified = Rectified
state-preparing = In preparation
state-ready = Ready
state-active = Active
state-inactive = Not active
state-failed = Failed
state-waiting = Waiting
state-revoked = Revoked
state-ended = Ended
state-proposed = Proposed
state-authorised = Authorised
state-destroying = Being destroyed
state-destroyed = Destroyed
state-struck = Struck out
state-held = Under a hold
state-overdue = Overdue

stamp-label = Registration number
stamp-pending = pending

# Receipts: the names that people ask for at the counter.
receipt-presentation = Receipt of presentation
receipt-registration = Receipt of registration
receipt-added = Receipt of addition
receipt-taken-in-charge = Receipt of taking in charge
receipt-withdrawal = Receipt of withdrawal
receipt-made-available = Certificate of making available
receipt-opening = Certificate of opening
receipt-document-withdrawn = Receipt of the document’s withdrawal
receipt-delegation-granted = Delegation receipt
receipt-delegation-revoked = Receipt of the end of a delegation
receipt-mandate-granted = Receipt of a recorded title
receipt-mandate-revoked = Receipt of the end of a title
receipt-outage = Certificate of unavailability
receipt-order = Get it in English
receipt-translating = in { $language }: in preparation
receipt-in-preparation = in preparation
receipt-later-evidence = later evidence

# What happened, in the history of a thing.
event-message-presented = Presented
event-message-registered = Registered
event-message-added_to = Added to by the sender
event-message-assigned = Assigned to the office
event-message-assignment_refused = Assignment refused
event-message-taken_in_charge = Taken in charge
event-message-supplement_requested = More was asked for
event-message-answered = Answered by the office
event-message-noted = Internal note
event-message-withdrawn = Withdrawn by the sender
event-registration-rectified = Entry rectified
event-registration-annulled = Entry annulled
event-delivery-made_available = Made available
event-delivery-unavailable = No longer available
event-delivery-opened = Opened: content seen
event-notice-sent = Courtesy notice sent
event-notice-failed = Courtesy notice failed
event-document-downloaded = Document downloaded
event-document-fetched = Document fetched by a program
event-document-issued = Document issued
event-document-withdrawn = Document withdrawn by the office
event-document-quarantined = File sealed away because dangerous
event-document-verdict_renewed = Signatures checked again
event-casefile-opened = Case file opened
event-casefile-filed = Put into the case file
event-casefile-closed = Case file closed
event-dossier-exported = Dossier exported
event-message-held = Put under a hold: it cannot be destroyed
event-message-hold_lifted = Hold lifted
event-casefile-held = Case file put under a hold: it cannot be destroyed
event-casefile-hold_lifted = Hold on the case file lifted
event-destruction-proposed = Destruction proposed
event-destruction-authorised = Destruction authorised
event-destruction-done = Destruction completed
event-part-erased = Destroyed by authorisation
event-delegation-granted = Delegation granted
event-delegation-accepted = Delegation accepted
event-delegation-revoked = Delegation revoked
event-mandate-granted = Title recorded
event-mandate-confirmed = Title confirmed
event-mandate-revoked = Title revoked
event-archive-read = Consultation
event-integrity-checked = Integrity check
event-account-signed_in = Sign-in
event-account-contact_changed = Contact changed
event-user-changed = Operator changed
event-role-changed = Roles changed
event-office-changed = Office changed
event-setting-changed = Setting changed
event-key-added = Key added
event-key-retired = Key destroyed
event-log-opened = Event log opened
event-console-used = Console command
event-backup-made = Backup made
event-backup-restored = Backup restored
event-schema-migrated = Archive upgraded
event-clock-alarmed = Clock alarm
event-service-outage = Service not available
coming = Next step
coming-by = By { $date }

# What a file is, in plain words.
file-kind-pdf = PDF document
file-kind-pdfa = PDF/A document, fit for long keeping
file-kind-p7m = signed document (P7M envelope)
file-kind-p7s = detached digital signature (P7S)
file-kind-image = image
file-kind-text = text
file-kind-word = text document
file-kind-sheet = spreadsheet
file-kind-slides = slides
file-kind-archive = compressed archive
file-kind-xml = XML document
file-kind-mail = mail message
file-kind-video = video
file-kind-audio = audio
file-kind-other = file of an unknown type
file-inner-pdf = contains a PDF
file-inner-pdfa = contains a PDF/A
file-inner-p7m = contains another signed envelope
file-inner-p7s = contains a signature
file-inner-image = contains an image
file-inner-text = contains a text
file-inner-word = contains a text document
file-inner-sheet = contains a spreadsheet
file-inner-slides = contains slides
file-inner-archive = contains an archive
file-inner-xml = contains XML
file-inner-mail = contains a message
file-inner-video = contains a video
file-inner-audio = contains audio
file-inner-other = contains a file of an unknown type
file-preview = Preview
file-download = Download
file-digest = Digest
file-quarantined = Something dangerous was found in this file: it is kept, but cannot be opened.

# Asking before an act that cannot be taken back.
confirm-reason-hint = It stays in the history, and the recipient can read it.
confirm-withdraw = Withdraw this request?
confirm-withdraw-text = The office will stop examining it. The request, its number and its receipts stay in the archive. To file it again you will need a new one.
confirm-withdraw-go = Withdraw the request
confirm-send = Send this message?
confirm-send-text = Check recipient, text and attachments: it cannot be changed once sent.
confirm-send-go = Confirm and send
confirm-delete-draft = Delete this draft?
confirm-delete-draft-text = Its text and uploaded files will be erased. Nothing was sent.
confirm-delete-draft-go = Delete the draft
confirm-make-unavailable = Make this message unavailable?
confirm-make-unavailable-text = The recipient can no longer open it. He will see that it was there, and the reason. Use it for what went to the wrong person.
confirm-make-unavailable-go = Make unavailable
confirm-withdraw-document = Withdraw this document?
confirm-withdraw-document-text = The recipient can no longer download it. The withdrawal and its reason stay in the history.
confirm-withdraw-document-go = Withdraw the document
confirm-annul = Annul this entry?
confirm-annul-text = The number stays in the register, with date, author and reason of the annulment. It cannot be undone.
confirm-annul-go = Annul the entry
confirm-close-case = Close this case file?
confirm-close-case-text = A closed case file takes no more documents.
confirm-close-case-go = Close the case file
confirm-deactivate = Deactivate this operator?
confirm-deactivate-text = He can no longer sign in, from now on. What he did stays under his name.
confirm-deactivate-go = Deactivate
confirm-replay = Try this job again?
confirm-replay-text = It will run again. Every job is made so that repeating it does no harm.
confirm-replay-go = Try again
confirm-revoke-program = Revoke this program?
confirm-revoke-program-text = From now on it can no longer call the service. Its code cannot be revived: make another one if it is needed.
confirm-revoke-program-go = Revoke the program
confirm-revoke-delegation = Revoke this delegation?
confirm-revoke-delegation-text = From now on nobody can read on another’s behalf by it. What was opened or downloaded stays on record.
confirm-revoke-delegation-go = Revoke the delegation
confirm-confirm-mandate = Confirm this title?
confirm-confirm-mandate-text = By confirming you declare that you have seen the document named. From now on this person can send and read on the other’s behalf.
confirm-confirm-mandate-go = Confirm the title
confirm-revoke-mandate = Revoke this title?
confirm-revoke-mandate-text = From now on this person can no longer act on the other’s behalf. What was sent stays valid.
confirm-revoke-mandate-go = Revoke the title
confirm-set-hold = Set a hold?
confirm-set-hold-text = Until the hold is lifted, nothing of this can be destroyed.
confirm-set-hold-go = Set the hold
confirm-lift-hold = Lift the hold?
confirm-lift-hold-text = Once its years are over, it can be proposed for destruction again.
confirm-lift-hold-go = Lift the hold
confirm-destroy = Destroy these documents?
confirm-destroy-text = Texts, attachments, notes and receipts will be destroyed and nobody can read them any more. The register’s entries stay, with number, date, parties, subject and digest. This cannot be undone.
confirm-destroy-go = Destroy the documents
