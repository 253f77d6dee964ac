# Posta che arriva
mail-no-subject = (senza oggetto)
mailboxes-title = Caselle di posta
mailboxes-lead = Le caselle che il servizio legge: ciò che arriva diventa un messaggio con il suo numero, una volta sola.
mailboxes-address = Casella
mailboxes-looked = Ultima lettura
mailboxes-fails = Non si legge
mailboxes-waits = Mai letta
mailboxes-read = Letta
mailboxes-empty = Nessuna casella
mailboxes-empty-text = Chi gestisce il servizio indica nella configurazione quali caselle leggere.
mailboxes-left = Rimasto nelle caselle
mailboxes-left-text = Ciò che non è diventato un messaggio: si trova ancora dov’era.
mailboxes-what = Che cos’è
mailboxes-box = Nella casella
mail-left-receipt = ricevuta di posta certificata
mail-left-bounce = avviso di mancato recapito
mail-left-large = troppo grande: registralo allo sportello
mail-left-unreadable = non si può leggere: aprilo con un altro programma
mail-left-unmoved = registrato, ma non ancora spostato

# Lettere per posta elettronica certificata
pec-letter-text = { $body }, { $office }: si trasmette la lettera n. { $number } con i suoi allegati.

    La lettera è il primo file allegato.
letter-mail = Posta elettronica certificata (PEC)
letter-mail-hint = Se la lettera deve partire anche per PEC, l’indirizzo del destinatario. Chi non ha codice fiscale si raggiunge solo così.
letter-mail-review = La lettera parte per PEC appena è numerata: le ricevute dei gestori si trovano nella sua pagina.
letter-mail-to = A { $address }
letter-mail-at = il { $at }, secondo l’orologio del gestore
letter-mail-sent = Affidata al gestore il { $at }.
letter-mail-clock = { $provider }: { $at }.
letter-mail-heard = Ricevuta qui il { $at }.
letter-mail-none = Ancora nessuna ricevuta.
letter-mail-late = Nessuna conferma da più di un giorno
letter-mail-ordered = Sta per partire
letter-mail-attempted = In partenza
letter-mail-in_doubt = Non si sa se è partita
letter-mail-refused = Non è partita
letter-mail-submitted = Affidata al gestore
letter-mail-accepted = Accettata dal gestore
letter-mail-ordinary = Accettata; il destinatario non ha una casella PEC
letter-mail-warned = Consegna in ritardo
letter-mail-delivered = Consegnata
letter-mail-not_accepted = Non accettata dal gestore
letter-mail-undelivered = Non consegnata
letter-receipt-completa = completa
letter-receipt-breve = breve
letter-receipt-sintetica = sintetica
letter-outcome-anomaly = Non prova nulla: la sua firma manca o non è valida.
letter-outcome-contradiction = Dice il contrario di ciò che il gestore ha detto prima: va verificata.
letter-outcome-other_recipient = Riguarda un altro destinatario: { $address }.
letter-decide = Che cosa è successo
letter-decide-doubt = Non si sa se il gestore ha ricevuto la lettera. Guarda nella posta inviata della casella: il servizio non la manda una seconda volta da solo.
letter-decide-text = La lettera non ha raggiunto il destinatario. Può partire ancora una volta.
letter-decide-left = È partita
letter-decide-left-text = Nella casella risulta inviata: si aspettano le ricevute.
letter-decide-again = Non è partita: mandala di nuovo
letter-decide-again-text = Parte un nuovo messaggio di PEC.
letter-decide-go = Conferma
letters-held = Lettere che aspettano una decisione
letters-held-text = In dubbio, rifiutate, non consegnate, o senza conferma da più di un giorno.
letters-alert = { $count ->
    [one] Una lettera per PEC aspetta una decisione.
   *[other] { $count } lettere per PEC aspettano una decisione.
}
letters-see = Vedi le lettere per PEC
health-letters = Lettere per PEC
health-letters-none = Nessuna aspetta.
health-letters-held = { $count } aspettano una decisione.
health-letters-held-todo = L’ufficio protocollo le trova in «Caselle di posta».
done-letter-decided = La decisione è registrata.
