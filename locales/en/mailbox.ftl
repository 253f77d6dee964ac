# Mail that comes in
mail-no-subject = (no subject)
mailboxes-title = Mailboxes
mailboxes-lead = The mailboxes that the service reads: what comes in becomes a message with its number, once.
mailboxes-address = Mailbox
mailboxes-looked = Last read
mailboxes-fails = Cannot be read
mailboxes-waits = Not read yet
mailboxes-read = Read
mailboxes-empty = No mailbox
mailboxes-empty-text = Whoever runs the service says in the configuration which mailboxes to read.
mailboxes-left = Left in the mailboxes
mailboxes-left-text = What became no message: it is where it was.
mailboxes-what = What it is
mailboxes-box = In the mailbox
mail-left-receipt = a receipt of certified mail
mail-left-bounce = a notice that a mail did not arrive
mail-left-large = too large: register it at the counter
mail-left-unreadable = cannot be read: open it with another program
mail-left-unmoved = registered, and not moved yet

# Letters by certified mail
pec-letter-text = { $body }, { $office }: this is letter no. { $number } with its attachments.

    The letter is the first file attached.
letter-mail = Certified mail (PEC)
letter-mail-hint = If the letter is to go by certified mail as well, the recipient’s address. Whoever has no fiscal code is reached only in this way.
letter-mail-review = The letter goes out by certified mail as soon as it has its number: the providers’ receipts are on its page.
letter-mail-to = To { $address }
letter-mail-at = on { $at }, by the provider’s clock
letter-mail-sent = Handed to the provider on { $at }.
letter-mail-clock = { $provider }: { $at }.
letter-mail-heard = Received here on { $at }.
letter-mail-none = No receipt yet.
letter-mail-late = Nothing final for more than a day
letter-mail-ordered = About to leave
letter-mail-attempted = Leaving
letter-mail-in_doubt = Not known whether it left
letter-mail-refused = It did not leave
letter-mail-submitted = Handed to the provider
letter-mail-accepted = Accepted by the provider
letter-mail-ordinary = Accepted; the recipient’s mailbox is not certified
letter-mail-warned = Delivery is late
letter-mail-delivered = Delivered
letter-mail-not_accepted = Not accepted by the provider
letter-mail-undelivered = Not delivered
letter-receipt-completa = complete
letter-receipt-breve = brief
letter-receipt-sintetica = synthetic
letter-outcome-anomaly = It proves nothing: its signature is missing or does not hold.
letter-outcome-contradiction = It says the opposite of what the provider said before: somebody must look.
letter-outcome-other_recipient = It is about another recipient: { $address }.
letter-decide = What happened
letter-decide-doubt = Nobody knows whether the provider has the letter. Look at the sent mail of the mailbox: it is not sent a second time by itself.
letter-decide-text = The letter did not reach its recipient. It can go out once more.
letter-decide-left = It left
letter-decide-left-text = The mailbox shows it as sent: its receipts are waited for.
letter-decide-again = It did not leave: send it again
letter-decide-again-text = A new certified message goes out.
letter-decide-go = Confirm
letters-held = Letters that wait for a decision
letters-held-text = In doubt, refused, not delivered, or without anything final for more than a day.
letters-alert = { $count ->
    [one] One letter by certified mail waits for a decision.
   *[other] { $count } letters by certified mail wait for a decision.
}
letters-see = See the letters by certified mail
health-letters = Letters by certified mail
health-letters-none = None waits.
health-letters-held = { $count } wait for a decision.
health-letters-held-todo = The registry office finds them under “Mailboxes”.
done-letter-decided = The decision is recorded.
