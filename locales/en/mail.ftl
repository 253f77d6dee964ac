# Notices by mail: no content, only who writes and where to read it.
notice-person-subject = { $body }: you have a new message
notice-person-text =
  { $office } ({ $body }) has made a message available to you.

  To read it, sign in with your digital identity:
  { $link }

  This notice is a courtesy: it does not contain the message and is no legal notification. We never ask for passwords or payments by mail. If in doubt, do not use the link: sign in from the body’s own site.
notice-office-subject = { $body }: arrival { $number } for { $office }
notice-office-text =
  A message has come for { $office }, register number { $number }.

  Read it here, after signing in:
  { $link }

  This notice is automatic: do not answer.
notice-office-withdrawn =
  The person has withdrawn the filing with register number { $number }.

  Read it here, after signing in:
  { $link }

  This notice is automatic: do not answer.
notice-test-subject = { $body }: test notice
notice-test-text = You asked the online office of { $body } for a test notice. If you read this, notices reach this address. There is nothing else to do.
