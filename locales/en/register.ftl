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
chart-text = A CSV file: a line of headings, then an office a line. An office that the file does not name stays as it is; to end it, give it its last day.
chart-columns = code;office;code of the office above;responsible;e-mail;from;until
chart-file = File of the office chart
chart-look = See what changes
chart-looked = The file adds { $added } offices, changes { $changed } and leaves { $same } as they are. Nothing is written yet.
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
