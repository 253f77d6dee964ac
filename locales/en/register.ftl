# The built-in register: what goes from office to office, series, the office chart, past registers, the preserver.

internal-title = Internal registration
internal-lead = Register what one office writes to another: it takes a number of the register and goes into the queue of the office that receives it.
internal-no-office = You are in no open office: whoever writes to another office writes for his own.
internal-from = Office that writes
internal-to = Office that receives
internal-answers = Answers the office { $office }:
internal-files = Attachments
internal-files-there = There already:
field-same_office = Choose another office than the one that writes.

series-title = Series
series-lead = Decrees, ordinances, contracts, certificates: each series has its own numbers of the year beside the register.
series-admin-lead = Which series the body keeps. A code never changes; a series that is not used any more stays readable.
series-add = Add a series
series-change = Change the series
series-name = Name
series-code-hint = Small letters, digits and hyphens, for instance decrees.
series-this-year = Numbers of this year
series-none = No series
series-none-text = The administrator of the body says which there are.
series-none-admin = Add the first one above.
series-year = Year { $year }
series-enter = Enter into the series
series-enter-lead = The document takes the next number of the series, without a number of the register. What is registered already is entered from its own page.
series-with = With whom, or whom it concerns
series-with-hint = One a line, if there are any.
series-files = Document and attachments
series-files-hint = The first file is the document; the others are attached to it.
series-text-hint = Where there is no file, this text is the document.
series-empty = No number in this year
series-empty-text = The first document takes the number 1.
series-annulled = Annulled
item-series = Enter into a series
item-series-which = Series
item-series-go = Enter
done-series = Entered: it has its number in the series.
field-series_entered = It is in this series already.
field-series_document = Upload a file or write the text: a series numbers documents.

chart-title = Office chart
chart-lead = Offices with who directs them, the office above and their dates, from a file. First you see what changes, then you confirm.
chart-office-lead = The offices of the body. An office that is over gets nothing new; its past stays readable.
chart-from-file = Office chart from a file
chart-text = A CSV file: a line of headings, then an office a line. An office that the file does not name stays as it is; to end it, give it its last day. Of an office that is there already, an empty cell of responsible, e-mail or dates keeps what is there.
chart-columns = code;office;code of the office above;responsible;e-mail;from;until
chart-file = File of the office chart
chart-look = See what changes
chart-looked = New offices: { $added }; changed: { $changed }; the same: { $same }. Nothing is written yet.
chart-left = The file does not name these open offices, which stay: { $names }.
chart-apply-text = If the list below is right, apply it: all or nothing.
chart-apply = Apply
chart-other = Another file
chart-code = Code
chart-name = Office
chart-parent = Office above
chart-responsible = Responsible
chart-email = E-mail
chart-from = From
chart-until = Until
chart-change = What it does
chart-change-added = new
chart-change-changed = changes
chart-change-same = same
chart-waiting = Waiting
chart-closed = closed
chart-over = Closed offices with matters waiting
chart-over-text = Assign them to an open office.
chart-over-count = { $count ->
    [one] one matter
   *[other] { $count } matters
 }
field-office_code = Use letters, digits, points, hyphens and slashes, at most 40 characters.
field-chart_lines = At most { $limit } offices in a file.
field-chart_empty = The file has no offices below the line of headings.
field-chart_circle = The office stands above itself.

past-title = Past registers
past-lead = What was registered before this register, as the file that brought it says.
past-mark = These are no entries of this register: number, date and words are those of the register that kept them.
past-register = Register and year
past-of-case = Of case file { $number }.
past-none = No past register
past-none-text = The records manager can bring one from a CSV file.
past-import = Import a past register
past-import-lead = A CSV file with one entry a line, at most { $most }. First you see what it brings, then you confirm: all of it or nothing, and the same file only once.
past-columns = register;year;number;date;direction (E, U, I);parties divided by |;subject;office;case file;SHA-256 digest
past-file = File of the register
past-file-hint = The last three columns may be empty.
past-look = See what it brings
past-known = This file was imported already: there is nothing else to do.
past-brings = { $register } { $year }: { $count ->
    [one] one entry
   *[other] { $count } entries
 }
past-apply-text = If what you see is right, choose the same file again and import it.
past-same-file = The same file
past-apply = Import
past-batches = Imported files
past-batches-none = None so far.
past-batch-lines = { $count ->
    [one] one entry
   *[other] { $count } entries
 }
past-area = Register
past-year = Year
past-number = Number
past-day = Date
past-direction = Direction
past-parties = Parties
past-subject = Subject
past-office = Office
past-case_file = Case file
past-digest = Digest
done-past = Imported: the entries are below.
field-past_direction = Write E for incoming, U for outgoing, I for internal.
field-past_digest = A SHA-256 digest has 64 hexadecimal digits.
field-past_lines = At most { $limit } entries in a file: divide it.
field-headings = The first line seems to be data already: put the line of headings above it, or it would be lost.
field-past_empty = The file has no entries below the line of headings.
field-past_taken = This number was imported from another file already.
field-past_other = This is not the file that you looked at: look at it before you import it.

preservation-title = Preservation
preservation-lead = The register of each closed day goes to the preserver by the next working day. Here one sees what the preserver took.
preservation-due = By
preservation-handed = Handed over
preservation-receipt = The preserver’s answer
preservation-attempt = handed over { $count } times
preservation-state-waiting = to be handed over
preservation-state-handed = handed over
preservation-state-accepted = taken
preservation-late = late
preservation-again = Hand over again
preservation-overdue = { $count ->
    [one] The register of one day is late
   *[other] The registers of { $count } days are late
 }: the term is over without a preserver’s receipt. Tell whoever looks after the connection.
preservation-refused-days = { $count ->
    [one] The preserver refused one day
   *[other] The preserver refused { $count } days
 }: read why and hand it over again.
preservation-strange = { $count ->
    [one] One answer of the preserver cannot be understood
   *[other] { $count } answers of the preserver cannot be understood
 }: they are in the folder of answers with .ignoto behind their names.
preservation-not-carried = No preserver is connected: the terms are here all the same, and each day is downloaded from the daily register.
preservation-state-refused = refused
done-handed = Handed over again: the answer will appear here.
field-preserved = The preserver took it already.
health-preserver = Preservation
health-preserver-absent = No preserver is connected.
health-preserver-absent-todo = Set preserver.folder in the configuration, or hand the daily registers over by hand.
health-preserver-late = Days of the register past their term, not taken: { $count }.
health-preserver-late-todo = Look at Preservation: if they were handed over, ask the preserver; if not, check the folder preserver.folder.
health-preserver-refused = Days that the preserver refused: { $count }.
health-preserver-refused-todo = The records manager finds why in Preservation, and hands them over again.
health-preserver-kept = Every day of the register is taken, or within its term.

leave-readme =
    What { $body } keeps in the archive, in an export begun on { $at } (UTC): what was written later may be there or not.
    {""}
    registro/registro-YEAR.csv and .xml: the register, one entry a line. Corrections and annulments are in the CSV; the XML, in the format of the daily register, has the entries as they are now.
    registro/registri-precedenti.csv: entries imported from earlier registers.
    repertori/CODE-YEAR.csv: the series.
    soggetti.csv, uffici.csv, titolario.csv, fascicoli.csv, conservazione.csv: parties, offices, classification, case files, what was handed to the preserver.
    documenti/YEAR/NUMBER-IDENTIFIER: each message, with its documents as they came and dati.json; senza-numero for what has no number of the register.
    fascicoli/IDENTIFIER.zip: each case file with documents, receipts, history and proofs; checked with “plico verify” or the page verifica.html in it.
    manifest-sha256.txt: the digest of each file; it is there only if the export was finished. Checked with “sha256sum -c manifest-sha256.txt”.
    {""}
    CSV is UTF-8, with semicolons and quotes. An apostrophe before =, +, - or @ is no part of the value: it keeps spreadsheets from running it as a formula. Instants are UTC (RFC 3339).
    Missing are: files in which malware was found, which dati.json names; receipts and proofs of messages that are in no case file; the papers of the daily registers; the files in which the preserver answered; internal notes, cards, delegations and verdicts on signatures. Of what was destroyed the entry stays.
case-import = Bring case files
case-import-lead = Case files that another system kept go on here under a new number; the one they had stays with them. At most { $most } a file.
case-import-columns = number;title;office;class;opened;closed
case-import-brings = { $over ->
    [0] { $count ->
        [one] The file brings one case file.
       *[other] The file brings { $count } case files.
    }
   *[other] The file brings { $count } case files, { $over } of them closed.
}
case-import-apply-text = All or none: if one line does not fit, nothing is opened.
case-import-number = number
case-import-title = title
case-import-office = office
case-import-class = class
case-import-opened = day of opening
case-import-closed = day of closing
case-former = Number in the system before
case-former-short = { $number } before
case-former-opened = Opened on { $opened }
case-former-over = Opened on { $opened }, closed on { $closed }
case-past = Entries of past registers in this case file
case-past-more = Find the others in the past registers
casefile-number-hint = Of an open case file, like 2026/15.
done-cases = Case files brought.
field-case_taken = A case file with this number was brought already.
contacts-title = Parties brought
contacts-lead = People, firms and bodies that another system knew: at the counter they are picked and not typed again.
contacts-count = { $count ->
    [one] One party was brought.
   *[other] { $count } parties were brought.
}
contacts-none = No party was brought
contacts-none-text = Whoever is known and the bodies of the IPA can be picked.
contacts-bring = Bring a list
contacts-columns = name;fiscal code or VAT number;e-mail
contacts-file-hint = CSV, at most { $most } lines. Whoever is there is renewed; if one line does not fit, nothing is taken.
contact-name = name
contact-fiscal_code = fiscal code
contact-email = e-mail
done-contacts = The list is renewed.
contact-listed = brought
