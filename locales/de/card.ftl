# Receipts about cards.

receipt-card-issued-title = Bestätigung der Ausstellung eines Ausweises
receipt-card-issued-lead = Am { $when } hat { $body } den Ausweis „{ $card }“ an { $holder } ausgestellt.
receipt-card-revoked-title = Bestätigung des Widerrufs eines Ausweises
receipt-card-revoked-lead = Am { $when } hat { $body } den Ausweis „{ $card }“ von { $holder } widerrufen.
receipt-not-card-issued = Sie ist nicht der Ausweis und zeigt nicht, dass er heute gilt: Das zeigt die Prüfung seines Codes.
receipt-not-card-revoked = Sie nimmt dem, was getan wurde, solange der Ausweis galt, keine Wirkung.
card-holder = Inhaber
card-number = Nummer
card-from = Gültig ab
card-until = Gültig bis
