# The frame of every page, and the words that many pages share.

service-name = Sportello digitale
service-tagline = Sportello digitale: scrivi agli uffici, ricevi i documenti
skip-to-content = Vai al contenuto
skip-to-nav = Vai al menu
skip-to-footer = Vai a fondo pagina
demo-ribbon = PROVA: persone e documenti inventati, ricevute senza valore.
demo-change = Cambia persona
language-choice = Lingua
acting-for = per conto di { $name }
reading-for = leggi per { $name }
back-to-self = Torna a te
sign-out = Esci
sign-in-to-area = Accedi all’area personale
session-warning = Fra pochi minuti la sessione scade. Se stai scrivendo, prolungala: non perderai nulla.
session-prolong = Prolunga la sessione (si apre in un’altra scheda)
wait-sending = Invio in corso, attendi.
footer-help = Hai bisogno di aiuto?
footer-links = Collegamenti utili
footer-accessibility = Dichiarazione di accessibilità
footer-privacy = Informativa sulla privacy

nav-main = Menu principale
nav-desk = Scrivania
nav-messages = Messaggi
nav-cases = Pratiche
nav-documents = Documenti
nav-receipts = Ricevute
nav-unread = da aprire
nav-queue = Coda
nav-casefiles = Fascicoli
nav-register = Registro
nav-mandates = Titoli ad agire
nav-disposal = Scarto
nav-write = Nuovo messaggio
nav-search = Ricerca
nav-integrity = Verifica integrità
nav-access = Registro accessi
nav-system = Stato
nav-body = Ente
nav-offices = Uffici
nav-operators = Operatori
nav-kinds = Tipi
nav-mail = Posta
nav-limits = Limiti
nav-programs = Programmi
nav-jobs = Lavori
nav-verify = Verifica un documento
nav-status = Stato del servizio
crumbs = Percorso di navigazione

cancel = Annulla
save = Salva
change = Modifica
revoke = Revoca
remove = Elimina
go-home = Vai alla pagina iniziale
of-file = { $name }
optional = (facoltativo)
reason = Motivo
none = Nessuno
count-files =
  { $count ->
    [0] nessun file
    [one] { $count } file
   *[other] { $count } file
  }
count-results =
  { $count ->
    [0] Nessun risultato
    [one] { $count } risultato
   *[other] { $count } risultati
  }
term-days =
  risposta entro { $days ->
    [one] { $days } giorno
   *[other] { $days } giorni
  }

filter = Filtra
filter-clear = Rimuovi filtri
filter-words = Cerca
filter-from = Dal
filter-to = Al
filter-state = Stato
filter-office = Ufficio
filter-any = Tutti
filter-none-title = Non abbiamo trovato risultati
filter-none-text = Prova con dei filtri diversi, o rimuovili.
pages-of-list = Pagine dell’elenco
pages-range = Da { $from } a { $to } di { $total }
pages-range-open = Da { $from } a { $to }
pages-previous = Precedenti
pages-next = Successivi

steps-label = Passo { $now } di { $of }
step-done = Completato:
errors-title = Ci sono alcune informazioni mancanti o errate
error-prefix = Errore:
upload-drop-many = Trascina qui i file, oppure sceglili:
upload-drop-one = Trascina qui il file, oppure sceglilo:
upload-too-large = troppo grande
upload-hint = Anche più di uno insieme. Ogni file può pesare fino a { $limit }.

col-subject = Oggetto
col-number = Protocollo
col-date = Data
col-state = Stato
col-office = Ufficio
col-sender = Mittente
col-recipient = Destinatario
col-kind = Tipo
col-due = Scadenza
col-operator = Operatore
col-name = Nome
col-who = Chi
col-what = Che cosa
col-when = Quando
col-actions = Azioni

# Where a message, a delivery, a document, a case file or a job stands.
state-draft = Bozza
state-presented = Presentata
state-registered = Protocollata
state-in_doubt = In verifica
state-assigned = Assegnata
state-taken_in_charge = Presa in carico
state-supplement_requested = Da integrare
state-answered = Conclusa
state-granted = Accolta
state-denied = Respinta
state-withdrawn = Ritirata
state-sent = Inviato
state-closed = Chiuso
state-open = Aperto
state-to_open = Da aprire
state-opened = Aperto
state-available = Disponibile
state-unavailable = Non più disponibile
state-annulled = Annullata
state-rectified = Rettificata
state-preparing = In preparazione
state-ready = Pronta
state-active = Attivo
state-inactive = Non attivo
state-failed = Non riuscito
state-waiting = In attesa
state-revoked = Revocata
state-ended = Scaduta
state-proposed = Proposto
state-authorised = Autorizzato
state-destroying = Distruzione in corso
state-destroyed = Distrutto
state-struck = Escluso
state-held = Vincolato
state-overdue = Scaduta

stamp-label = Numero di protocollo
stamp-pending = in attesa

# Receipts: the names that people ask for at the counter.
receipt-presentation = Ricevuta di presentazione
receipt-registration = Ricevuta di protocollazione
receipt-added = Ricevuta di integrazione
receipt-taken-in-charge = Ricevuta di presa in carico
receipt-withdrawal = Ricevuta di ritiro
receipt-made-available = Messa a disposizione
receipt-opening = Attestazione di presa visione
receipt-document-withdrawn = Ricevuta di ritiro del documento
receipt-delegation-granted = Ricevuta di delega
receipt-delegation-revoked = Ricevuta di revoca della delega
receipt-mandate-granted = Ricevuta di registrazione del titolo
receipt-mandate-revoked = Ricevuta di revoca del titolo
receipt-outage = Attestazione di indisponibilità
receipt-order = Chiedila in questa lingua
receipt-translating = in { $language }: in preparazione
receipt-in-preparation = in preparazione
receipt-later-evidence = prove successive

# What happened, in the history of a thing.
event-message-presented = Presentata
event-message-registered = Protocollata
event-message-added_to = Integrata da chi l’ha presentata
event-message-assigned = Assegnata all’ufficio
event-message-assignment_refused = Assegnazione rifiutata
event-message-taken_in_charge = Presa in carico
event-message-supplement_requested = Richiesta di integrazione
event-message-answered = Risposta dell’ufficio
event-message-noted = Nota interna
event-message-withdrawn = Ritirata da chi l’ha presentata
event-registration-rectified = Registrazione rettificata
event-registration-annulled = Registrazione annullata
event-delivery-made_available = Messo a disposizione
event-delivery-unavailable = Non più disponibile
event-delivery-opened = Aperto: presa visione
event-notice-sent = Avviso di cortesia inviato
event-notice-failed = Avviso di cortesia non riuscito
event-document-downloaded = Documento scaricato
event-document-fetched = Documento prelevato da un’applicazione
event-document-issued = Documento rilasciato
event-document-withdrawn = Documento ritirato dall’ufficio
event-document-quarantined = File isolato perché pericoloso
event-document-verdict_renewed = Firme verificate di nuovo
event-casefile-opened = Fascicolo aperto
event-casefile-filed = Inserito nel fascicolo
event-casefile-closed = Fascicolo chiuso
event-dossier-exported = Fascicolo esportato
event-message-held = Vincolato: non si può scartare
event-message-hold_lifted = Vincolo tolto
event-casefile-held = Fascicolo vincolato: non si può scartare
event-casefile-hold_lifted = Vincolo sul fascicolo tolto
event-destruction-proposed = Scarto proposto
event-destruction-authorised = Scarto autorizzato
event-destruction-done = Scarto completato
event-part-erased = Distrutto con autorizzazione
event-delegation-granted = Delega concessa
event-delegation-accepted = Delega accettata
event-delegation-revoked = Delega revocata
event-mandate-granted = Titolo registrato
event-mandate-confirmed = Titolo confermato
event-mandate-revoked = Titolo revocato
event-archive-read = Consultazione
event-integrity-checked = Verifica di integrità
event-account-signed_in = Accesso
event-account-contact_changed = Recapito modificato
event-user-changed = Operatore modificato
event-role-changed = Ruoli modificati
event-office-changed = Ufficio modificato
event-setting-changed = Impostazione modificata
event-key-added = Chiave aggiunta
event-key-retired = Chiave distrutta
event-log-opened = Registro degli eventi aperto
event-console-used = Comando da console
event-backup-made = Copia di sicurezza creata
event-backup-restored = Copia di sicurezza ripristinata
event-schema-migrated = Archivio aggiornato
event-clock-alarmed = Allarme dell’orologio
event-service-outage = Servizio non disponibile
coming = Prossimo passo
coming-by = Entro il { $date }

# What a file is, in plain words.
file-kind-pdf = documento PDF
file-kind-pdfa = documento PDF/A, adatto alla conservazione
file-kind-p7m = documento firmato (busta P7M)
file-kind-p7s = firma digitale separata (P7S)
file-kind-image = immagine
file-kind-text = testo
file-kind-word = documento di testo
file-kind-sheet = foglio di calcolo
file-kind-slides = presentazione
file-kind-archive = archivio compresso
file-kind-xml = documento XML
file-kind-mail = messaggio di posta
file-kind-video = video
file-kind-audio = audio
file-kind-other = file di tipo non riconosciuto
file-inner-pdf = contiene un PDF
file-inner-pdfa = contiene un PDF/A
file-inner-p7m = contiene un’altra busta firmata
file-inner-p7s = contiene una firma
file-inner-image = contiene un’immagine
file-inner-text = contiene un testo
file-inner-word = contiene un documento di testo
file-inner-sheet = contiene un foglio di calcolo
file-inner-slides = contiene una presentazione
file-inner-archive = contiene un archivio
file-inner-xml = contiene un XML
file-inner-mail = contiene un messaggio
file-inner-video = contiene un video
file-inner-audio = contiene un audio
file-inner-other = contiene un file di tipo non riconosciuto
file-preview = Anteprima
file-download = Scarica
file-digest = Impronta
file-quarantined = In questo file è stato trovato qualcosa di pericoloso: è conservato, ma non si può aprire.

# Asking before an act that cannot be taken back.
confirm-reason-hint = Resta nella cronologia, e chi riceve può leggerlo.
confirm-withdraw = Vuoi ritirare questa richiesta?
confirm-withdraw-text = L’ufficio non la esaminerà più. La richiesta, il suo numero e le ricevute restano nell’archivio. Per ripresentarla dovrai farne una nuova.
confirm-withdraw-go = Ritira la richiesta
confirm-send = Inviare questo messaggio?
confirm-send-text = Controlla destinatario, testo e allegati: dopo l’invio non si può modificare.
confirm-send-go = Conferma e invia
confirm-delete-draft = Vuoi eliminare questa bozza?
confirm-delete-draft-text = Il testo e i file caricati saranno cancellati. Non è stato inviato nulla.
confirm-delete-draft-go = Elimina la bozza
confirm-make-unavailable = Rendere non più disponibile questo messaggio?
confirm-make-unavailable-text = Il destinatario non potrà più aprirlo. Vedrà che c’era, e il motivo. Usalo per ciò che è stato inviato alla persona sbagliata.
confirm-make-unavailable-go = Rendi non disponibile
confirm-withdraw-document = Ritirare questo documento?
confirm-withdraw-document-text = Il destinatario non potrà più scaricarlo. Il ritiro e il motivo restano nella cronologia.
confirm-withdraw-document-go = Ritira il documento
confirm-annul = Annullare questa registrazione?
confirm-annul-text = Il numero resta nel registro, con data, autore e motivo dell’annullamento. Non si può tornare indietro.
confirm-annul-go = Annulla la registrazione
confirm-close-case = Chiudere questo fascicolo?
confirm-close-case-text = Un fascicolo chiuso non riceve altri documenti.
confirm-close-case-go = Chiudi il fascicolo
confirm-deactivate = Disattivare questo operatore?
confirm-deactivate-text = Non potrà più accedere, da subito. Ciò che ha fatto resta con il suo nome.
confirm-deactivate-go = Disattiva
confirm-replay = Riprovare questo lavoro?
confirm-replay-text = Sarà eseguito di nuovo. Ogni lavoro è fatto in modo che ripeterlo non faccia danni.
confirm-replay-go = Riprova
confirm-revoke-program = Revocare questo programma?
confirm-revoke-program-text = Da subito non potrà più chiamare il servizio. Il codice non si può riattivare: se serve, se ne crea un altro.
confirm-revoke-program-go = Revoca il programma
confirm-revoke-delegation = Revocare questa delega?
confirm-revoke-delegation-text = Da subito non si potrà più leggere per conto altrui. Quello che è già stato aperto o scaricato resta registrato.
confirm-revoke-delegation-go = Revoca la delega
confirm-confirm-mandate = Confermare questo titolo?
confirm-confirm-mandate-text = Confermando dichiari di aver visto il documento indicato. Da subito potrà inviare e leggere per conto altrui.
confirm-confirm-mandate-go = Conferma il titolo
confirm-revoke-mandate = Revocare questo titolo?
confirm-revoke-mandate-text = Da subito non potrà più agire per conto altrui. Quello che ha già inviato resta valido.
confirm-revoke-mandate-go = Revoca il titolo
confirm-set-hold = Vincolare?
confirm-set-hold-text = Finché il vincolo non è tolto, niente di tutto questo può essere scartato.
confirm-set-hold-go = Vincola
confirm-lift-hold = Togliere il vincolo?
confirm-lift-hold-text = Finiti i termini di conservazione, potrà di nuovo essere proposto per lo scarto.
confirm-lift-hold-go = Togli il vincolo
confirm-destroy = Distruggere questi documenti?
confirm-destroy-text = Testi, allegati, note e ricevute saranno distrutti e nessuno potrà più leggerli. Le registrazioni di protocollo restano, con numero, data, parti, oggetto e impronta. Non si può tornare indietro.
confirm-destroy-go = Distruggi i documenti
