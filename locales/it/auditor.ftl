# The auditor's pages.

search-title = Ricerca nell’archivio
search-lead = Ogni ricerca e ogni consultazione viene registrata, con il tuo nome.
search-words = Parole
search-person = Persona o codice fiscale
search-digest = Impronta SHA-256
search-export = Esporta l’elenco (CSV)
search-logged = Scrivi almeno un criterio e premi Cerca.
gate-title = Il contenuto è chiuso
gate-text =
  { $count ->
    [0] Per leggere il testo indica il motivo.
    [one] Per leggere il testo e un documento indica il motivo.
   *[other] Per leggere il testo e { $count } documenti indica il motivo.
  }
gate-reason = Motivo della consultazione
gate-reason-hint = Per esempio il numero dell’incarico. Resta nel registro degli accessi.
gate-go = Apri il contenuto
audit-history = Cronologia completa
audit-index = Posizione nel registro degli eventi
audit-export = Esporta il fascicolo
audit-export-text = Un solo file ZIP con documenti, ricevute, storia e prove: chiunque lo verifica senza questo sito. Contiene dati personali.
audit-export-prepare = Prepara il fascicolo
audit-export-go = Scarica il fascicolo
audit-export-kept = Il fascicolo che hai già preparato
export-title = Fascicolo da scaricare
export-begins = Il fascicolo è in preparazione.
export-progress = In preparazione: { $files } file su { $of }.
export-leave = Puoi lasciare questa pagina e tornarci: il fascicolo si prepara lo stesso.
export-again = Aggiorna
export-file = File
export-resume = Un download interrotto riprende da dove era arrivato. Il file resta qui { $days } giorni, solo per te.
export-anew = Torna al fascicolo e preparalo di nuovo
export-failed = La preparazione non è riuscita: nulla è andato perso. Riprova; se succede ancora, avvisa l’amministratore.
casefile-empty-audit = Nessun messaggio vi è stato inserito.
integrity-lead = Controlla che nulla sia stato cambiato, tolto o retrodatato.
integrity-archive = Tutto l’archivio
integrity-archive-text = Rilegge ogni evento, ogni documento e ogni registrazione. Può richiedere tempo: il risultato comparirà qui sotto.
integrity-running = Verifica in corso: ricarica la pagina fra qualche minuto.
integrity-run = Avvia la verifica
integrity-item = Un solo elemento
integrity-item-label = Numero di protocollo o identificativo
integrity-item-hint = Per esempio 0001234/2026.
integrity-check-item = Verifica questo elemento
integrity-runs = Verifiche svolte
integrity-none = Nessuna verifica svolta
integrity-none-text = Il risultato di ogni verifica resta qui, e nel registro degli eventi.
integrity-word-clean = Integro
integrity-word-wrong = Anomalie trovate
integrity-clean = Integro: verificato il { $at }.
integrity-wrong = Sono state trovate anomalie nella verifica del { $at }.
integrity-log = Registro degli eventi
integrity-origin = Origine
integrity-size = Eventi
integrity-checkpoint = Ultimo sigillo
integrity-root = Radice
integrity-witnesses = Testimoni
integrity-honest = La verifica mostra ogni modifica avvenuta prima di un sigillo confermato da altri. Non prova che tutto sia stato registrato: per questo ogni invio dà subito una ricevuta.
access-lead = Chi ha consultato che cosa, quando e perché.
access-search = Ricerca
access-message = Messaggio
access-document = Documento
access-case_file = Fascicolo
access-register = Registro di protocollo
access-log = Registro accessi
access-empty = Nessuna consultazione
access-empty-text = Le consultazioni per incarico compariranno qui.
