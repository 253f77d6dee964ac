# Registrations of outside registries.

orders-title = Registrazioni esterne
orders-lead = Ciò che viene numerato da un sistema di protocollo esterno: che cosa è in dubbio, che cosa manca, che cosa è andato a buon fine.
orders-views = Stato delle registrazioni
orders-late = { $count ->
    [one] Una richiesta dei giorni scorsi non ha ancora il numero di protocollo.
   *[other] { $count } richieste dei giorni scorsi non hanno ancora il numero di protocollo.
 } Presentazione e registrazione devono portare la stessa data: occorre intervenire.
orders-empty = Nessuna registrazione esterna
orders-empty-text = Qui compare ciò che l’amministratore affida a un sistema di protocollo esterno.
orders-alert = { $count ->
    [one] Una registrazione esterna aspetta una decisione.
   *[other] { $count } registrazioni esterne aspettano una decisione.
 }
orders-see = Vedi le registrazioni esterne
order-state-queued = In coda
order-state-queued-text = Il sistema «{ $system }» non è stato ancora interpellato, o non risponde: si riprova da soli. La richiesta è già presentata.
order-state-uploading = Invio dei file
order-state-uploading-text = I file stanno andando a «{ $system }».
order-state-registering = Richiesta del numero
order-state-registering-text = Il numero è stato chiesto a «{ $system }» e la risposta non è ancora arrivata.
order-state-in_doubt = In dubbio
order-state-in_doubt-text = Una risposta di «{ $system }» è andata perduta: non si sa che cosa abbia fatto, e nulla viene ripetuto alla cieca.
order-taken-text = «{ $system }» ha dato un numero che aveva già dato a un’altra richiesta: controlla nel sistema quale dei due è giusto.
order-several-text = In «{ $system }» ci sono più registrazioni con la nostra chiave: controlla quale vale, fai annullare le altre, e collega quella.
order-state-registered = Registrata
order-state-registered-text = «{ $system }» ha dato il numero e ha ricevuto tutti i file.
order-state-incomplete = Mancano dei file
order-state-incomplete-text = «{ $system }» ha dato il numero, ma non tutti i file risultano arrivati.
order-state-failed = Rifiutata
order-state-failed-text = «{ $system }» ha detto di no: leggi perché, correggi e ripeti.
order-title = Registrazione esterna
order-system = Sistema
order-ordered = Ordinata
order-not-configured = Il sistema «{ $system }» non è più configurato: la registrazione aspetta. Rivolgiti a chi gestisce il servizio.
order-date = Data di protocollo
order-mark = Segnatura
order-last = Ultimo passo
order-nothing-yet = Nulla ancora
order-words = Che cosa ha risposto
order-key = La nostra chiave
order-key-text = È scritta nell’oggetto registrato: con questa lo si ritrova.
order-files = Documenti
order-file-there = Arrivato
order-file-unknown = Non risulta
order-history = Che cosa è successo
order-was-ordered = Registrazione ordinata
order-asked = Chiesto:
order-exchanges = { $count ->
    [one] Una richiesta con la risposta
   *[other] { $count } richieste con le risposte
 }
order-request = Richiesta
order-answer = Risposta
order-step-prepare = documento senza numero
order-step-upload = invio di un file
order-step-number = numero
order-step-attach = invio di un file dopo il numero
order-outcome-done = riuscito
order-outcome-refused = rifiutato
order-outcome-not-asked = il sistema non risponde
order-outcome-doubt = risposta perduta
order-outcome-later = da richiedere più tardi
order-outcome-unable = il sistema non lo sa fare
order-outcome-ours = il documento non si può leggere
order-outcome-found = ritrovato
order-outcome-absent = cercato e non trovato
order-outcome-several = trovate più registrazioni
order-outcome-cannot-look = il sistema non si può interrogare
order-outcome-taken = numero già dato a un’altra richiesta
order-outcome-person-look = ricerca chiesta da una persona
order-outcome-person-again = ripetizione decisa da una persona
order-outcome-person-linked = collegata a un numero da una persona
order-outcome-late = risposta arrivata quando non era più attesa
order-outcome-person-here = registrata nel protocollo interno per decisione di una persona
order-here = Registra nel protocollo interno
order-here-go = Registra qui
order-here-text = Se da quel sistema non verrà un numero: la richiesta riceve ora il suo numero nel registro interno, e l’ordine finisce.
order-here-sure = Ho controllato che in quel sistema non è registrata
order-look = Cerca ora
order-look-text = Chiede al sistema che cosa risulta, senza cambiare nulla.
order-link = Collega a un numero trovato
order-link-go = Collega
order-link-text = Se hai trovato la registrazione nel sistema, scrivi il suo numero. Con questo attesti che è completa dei suoi file.
order-link-reason = Come l’hai trovata
order-link-sure = È questa, anche se il sistema mostra un altro oggetto o non la trova
order-again = Ripeti la richiesta
order-again-go = Ripeti
order-again-text = Solo se hai controllato che nel sistema non c’è: altrimenti nascono due numeri.
order-no-acts = Ora non c’è nulla da decidere.
compare-title = Riscontro del giorno
compare-lead = I numeri di un giorno secondo il sistema esterno, accanto a quelli che conosciamo noi.
compare-go = Confronta
compare-side = Chi la conosce
compare-both = Entrambi
compare-ours = Solo noi
compare-theirs = Solo il sistema
compare-empty = Nessuna registrazione in quel giorno
compare-empty-text = Né qui né nel sistema esterno.
compare-unable = Questo sistema non sa elencare le registrazioni di un giorno.
compare-no-systems = Nessun sistema esterno
compare-no-systems-text = Tutto è numerato dal registro di questo servizio.

nav-registry = Protocollo
registry-lead = Chi dà il numero di protocollo. Il registro di questo servizio (area { $area }) numera nello stesso istante della presentazione; a un sistema esterno il numero viene ordinato subito, e arriva quando risponde.
registry-otherwise = Tutti gli altri tipi di messaggio
registry-by = Numerati da
registry-built-in = Registro di questo servizio
registry-like-others = Come tutti gli altri
registry-more = Classificazione e altro
registry-classification = Voce di classificazione
registry-case-file = Fascicolo
registry-options = Altri dati per il sistema
registry-options-hint = Uno per riga, come «nome = valore»: quali siano lo dice la scheda del sistema.
registry-offices = Codici degli uffici
registry-offices-text = Come il sistema esterno chiama ciascun ufficio; vuoto se non serve.
registry-none = Nessun sistema esterno configurato
registry-none-text = Tutto è numerato dal registro di questo servizio. Chi gestisce il servizio può collegare un sistema di protocollo con «registry.folder».
field-registry_options = Scrivi un dato per riga: nome, uguale, valore.
field-registry_another = Nel sistema questo numero è di un’altra registrazione: controlla, e conferma se è proprio questa.
field-registry_unasked = Il sistema non ha potuto mostrarla: se sei sicuro, spunta la casella.
field-registry_annulled = Questa registrazione è annullata: non si può collegare.
field-registry_absent = Nel sistema questo numero non c’è: controlla, e conferma se è proprio questo.
field-registry_given = Questo numero è già di un’altra richiesta.
done-order-looked = La ricerca è stata chiesta: l’esito compare qui sotto fra poco.
done-order-again = La richiesta sarà ripetuta.
done-order-linked = La registrazione è stata collegata al numero.

health-orders = Registrazioni esterne
health-orders-none = Nessuna aspetta.
health-orders-held = { $count } aspettano una decisione.
health-orders-held-todo = L’ufficio protocollo le trova in «Registrazioni esterne».
health-orders-late = { $count } richieste dei giorni scorsi non hanno ancora il numero.
health-orders-late-todo = Controlla che il sistema di protocollo risponda («plico doctor»), poi avvisa l’ufficio protocollo.

# The emergency register.

emergency-title = Registro di emergenza
emergency-lead = Quando il registro non si può usare, si numera a mano su un registro di emergenza autorizzato; appena torna, ogni registrazione si riporta qui con il suo numero di emergenza (art. 63 DPR 445/2000).
emergency-open = Apri il registro di emergenza
emergency-open-go = Apri
emergency-cause = Causa dell’interruzione
emergency-from = Inizio
emergency-from-day = Giorno di inizio
emergency-from-time = Ora di inizio
emergency-to = Fine
emergency-to-day = Giorno di fine
emergency-to-time = Ora di fine
emergency-authorisation = Provvedimento di autorizzazione
emergency-authorisation-hint = Numero, data e chi lo ha firmato.
emergency-until = Valido fino al
emergency-until-hint = Al massimo una settimana: poi serve un nuovo provvedimento.
emergency-entered = Riportate
emergency-is-open = Aperto
emergency-expired = Scaduto
emergency-good-until = autorizzato fino al { $day }
emergency-expired-text = L’autorizzazione è scaduta il { $day }: prorogala o chiudi il registro di emergenza.
emergency-open-text = Il registro di emergenza è aperto, autorizzato fino al { $day }.
emergency-missing = { $count ->
    [one] Una registrazione fatta a mano non è ancora stata riportata: si riporta allo sportello, con il suo numero di emergenza.
   *[other] { $count } registrazioni fatte a mano non sono ancora state riportate: si riportano allo sportello, con il loro numero di emergenza.
 }
emergency-whole = Tutte le registrazioni fatte a mano sono state riportate.
emergency-empty = Mai aperto
emergency-empty-text = Finora il registro non si è mai fermato.
emergency-by = Aperto da
emergency-by-hand = { $count ->
    [one] una registrazione a mano
   *[other] { $count } registrazioni a mano
 }
emergency-entered-title = Registrazioni riportate
emergency-number = Numero di emergenza
emergency-ordinary = Numero di protocollo
emergency-none-entered = Ancora nessuna.
emergency-renew = Proroga
emergency-renew-go = Proroga
emergency-close = Chiudi
emergency-close-go = Chiudi
emergency-totals = Registrazioni a mano, giorno per giorno
emergency-totals-hint = Una riga per giorno, come «2026-11-23 = 4». I giorni lasciati senza numero non contano.
field-emergency_week = Scegli un giorno entro una settimana.
field-emergency_totals = Scrivi una riga per giorno, come «2026-11-23 = 4», fra l’inizio e la fine, e almeno una.
field-emergency_number = Questo numero di emergenza è già stato riportato, o è dopo la chiusura: controlla.
done-emergency-opened = Il registro di emergenza è aperto.
done-emergency-renewed = L’autorizzazione è prorogata.
done-emergency-closed = Il registro di emergenza è chiuso: riporta ora ciò che è stato registrato a mano.
counter-emergency = Registro di emergenza
counter-emergency-none = Non viene dal registro di emergenza
counter-emergency-number = Numero di emergenza

# Reports of the register.

report-title = Rapporti
report-lead = Ciò che nel registro merita uno sguardo: annullato, modificato, registrato dopo, fuori da ogni fascicolo.
report-which = Quale rapporto
report-go = Mostra
report-annulled = Registrazioni annullate
report-changed = Registrazioni modificate
report-late = Registrazioni tardive
report-deferred = Registrazioni differite
report-emergency = Dal registro di emergenza
report-unfiled = Senza fascicolo
report-unclassified = Senza classifica
report-presented = presentata { $at }
report-most = Il rapporto si ferma a { $count } righe: scegli un periodo più breve.
report-empty = Nulla in questo periodo
report-empty-text = Cambia rapporto o periodo.
report-col-number = Protocollo
report-col-area = Registro
report-col-registered = Registrata
report-col-presented = Presentata
report-col-direction = Verso
report-col-subject = Oggetto
report-col-parties = Mittente o destinatari
report-col-office = Ufficio
report-col-detail = Motivo
registry-letters = Lettere che gli uffici inviano
registry-certificates = Certificati
field-registry_no_out = Questo sistema non numera ciò che l’ente invia: scegli il registro di questo servizio o un altro sistema.
item-prepared = Il numero è stato ordinato a un sistema di protocollo esterno e non è ancora arrivato: chi la riceve non ne vede ancora nulla, e fino ad allora non si può ritirare. Con il numero diventa disponibile da sola.
annulment-title = Annullamento
annulment-ask = Annulla nel sistema di protocollo
annulment-look-text = La risposta di «{ $system }» è andata perduta: non si sa se abbia annullato, e non viene richiesto alla cieca.
annulment-elsewhere = «{ $system }» non si può annullare da qui: chi tiene quel registro annulla là, con l’atto che lo autorizza.
annulment-asked = L’annullamento è stato chiesto e la risposta non è ancora arrivata.
annulment-done = Il sistema ha annullato il numero.
annulment-refused = Il sistema ha detto di no.
annulment-doubt = La risposta è andata perduta: cerca che cosa ne è stato.
annulment-absent = Cercato: nel sistema il numero non è annullato. Si può chiedere di nuovo.
annulment-not-asked = Il sistema non risponde: nulla è stato chiesto. Riprova più tardi.
annulment-later = Il sistema chiede di riprovare più tardi: nulla è stato fatto.
annulment-ours = La richiesta non si è potuta fare.
annulment-unable = Questo sistema non sa annullare da qui.
done-annulment = Chiesto: leggi qui sotto che cosa ha risposto il sistema.
field-registry_own = È l’area del registro di questo servizio: i suoi numeri e questi si confonderebbero.
