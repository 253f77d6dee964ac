# Letters by fiscal code, many at once.

nav-deposits = Depositi
deposits-title = Depositi
deposits-lead = Un elenco di codici fiscali e i documenti di ciascuno: ogni riga diventa una lettera, protocollata e messa a disposizione della sua persona, anche se non è mai entrata nel servizio.
deposits-empty = Nessun deposito
deposits-empty-text = Qui compaiono i depositi del tuo ufficio, con l’esito di ogni riga.
deposits-new = Nuovo deposito
deposits-no-office = Per depositare devi far parte di un ufficio.
deposit-name = Come chiamarlo
deposit-name-hint = Serve solo a ritrovarlo, per esempio «Avvisi TARI 2026».
deposit-begin = Continua
deposit-letters = Lettere
deposit-count = { $sent } di { $lines }
deposit-count-failed = { $failed } non riuscite
deposit-state-draft = Da inviare
deposit-state-sending = Invio in corso
deposit-state-done = Concluso
deposit-bring = Elenco e documenti
deposit-bring-text = L’elenco è un file CSV con una prima riga di titoli: «codice_fiscale», «nome», «oggetto», «testo», «file». Può avere fino a { $lines } righe; più file di una riga si separano con «|». Non parte nulla finché non lo dici tu.
deposit-list = Elenco (CSV)
deposit-list-hint = Un nuovo elenco prende il posto di quello di prima.
deposit-files = Documenti
deposit-files-hint = Un archivio ZIP, oppure i file uno per uno: si aggiungono a quelli già caricati.
deposit-bring-go = Carica e controlla
deposit-checked = Controllo
deposit-checked-text = { $lines ->
    [one] Una riga
   *[other] { $lines } righe
}, { $files ->
    [one] un documento.
   *[other] { $files } documenti.
}
deposit-checked-good = Tutte le righe vanno bene.
deposit-checked-wrong = { $wrong ->
    [0] Le righe vanno bene, i documenti no: guarda sotto.
    [one] Una riga non va bene: la trovi per prima, con che cosa fare.
   *[other] { $wrong } righe non vanno bene: le trovi per prime, con che cosa fare.
}
deposit-unused = Nessuna riga nomina questi documenti, che non saranno inviati:
deposit-twice = Questi nomi sono di più documenti; togli i documenti e ricaricali con nomi diversi:
deposit-start-text = { $good ->
    [one] Verrà protocollata e messa a disposizione una lettera. Non si può fermare.
   *[other] Verranno protocollate e messe a disposizione { $good } lettere. Una volta avviato non si può fermare.
}
deposit-leave-out = Lascia fuori le righe che non vanno bene e i documenti non nominati
deposit-start = { $good ->
    [one] Invia una lettera
   *[other] Invia { $good } lettere
}
deposit-nothing = Ancora nessun elenco.
deposit-progress = A che punto è
deposit-progress-text = Lettere inviate: { $sent } di { $lines }. In attesa: { $waiting }. Lasciate fuori: { $left }.
deposit-sending-text = L’invio continua anche se chiudi questa pagina.
deposit-refresh = Aggiorna
deposit-failed-text = { $failed ->
    [one] Una lettera non è partita: correggi quanto è scritto accanto alla riga e ripeti.
   *[other] { $failed } lettere non sono partite: correggi quanto è scritto accanto alle righe e ripeti.
}
deposit-repeat = { $failed ->
    [one] Ripeti quella non riuscita
   *[other] Ripeti le { $failed } non riuscite
}
deposit-lines = Righe
deposit-download = Scarica l’esito (CSV)
deposit-more = { $more ->
    [one] Un’altra riga è nel file dell’esito.
   *[other] Altre { $more } righe sono nel file dell’esito.
}
deposit-away = Ricominciare
deposit-take-away = Togli i documenti
deposit-take-away-text = Documenti caricati: { $files }. L’elenco resta.
deposit-take-away-go = Togli tutti
deposit-discard = Elimina il deposito
deposit-discard-text = L’elenco e i documenti caricati vanno persi; nulla è stato inviato.
deposit-discard-go = Elimina
deposit-line-good = Va bene
deposit-line-wrong = Da correggere
deposit-line-draft = Da inviare
deposit-line-left_out = Lasciata fuori
deposit-line-waiting = In attesa
deposit-line-sent = Inviata
deposit-line-failed = Non riuscita
deposit-col-line = Riga
deposit-col-code = Codice fiscale
deposit-col-name = Nome
deposit-col-subject = Oggetto
deposit-col-files = Documenti
deposit-col-state = Stato
deposit-col-number = Protocollo
deposit-col-faults = Che cosa non va
deposit-fault-code = «{ $about }» non è un codice fiscale: controlla lettere e cifre.
deposit-fault-name = Manca il nome: è una persona che il servizio non conosce ancora.
deposit-fault-subject = Manca l’oggetto.
deposit-fault-subject-long = L’oggetto supera i { $about } caratteri: accorcialo.
deposit-fault-text-long = Il testo supera i { $about } caratteri: accorcialo.
deposit-fault-nothing = Non ha né testo né documenti: scrivi almeno uno dei due.
deposit-fault-files = Ha più di { $about } documenti: dividila in più righe.
deposit-fault-missing = Manca il documento «{ $about }»: caricalo, o correggi il nome.
deposit-fault-malware = In «{ $about }» è stato trovato un programma dannoso: sostituiscilo.
deposit-fault-twice = Di «{ $about }» ce n’è più d’uno: ricaricali con nomi diversi.
deposit-fault-shared = «{ $about }» è già di un’altra riga: ogni documento va a una sola persona.
deposit-fault-repeated = «{ $about }» è nominato due volte in questa riga.
deposit-fault-large = I suoi documenti superano insieme { $about }.
deposit-fault-duplicate = È uguale alla riga { $about }.
deposit-fault-refused = L’invio è stato rifiutato ({ $about }): correggi e ripeti.
deposit-letter-text = Si trasmette quanto allegato.
done-deposit-taken = Caricato e controllato.
done-deposit-started = Invio avviato.
done-deposit-discarded = Deposito eliminato.
field-deposit_long = L’elenco supera 2 MB: dividilo in più depositi.
field-deposit_utf8 = L’elenco non è in UTF-8: salvalo come «CSV UTF-8».
field-deposit_columns = L’elenco non si legge: la prima riga deve nominare le colonne, almeno «codice_fiscale».
field-deposit_lines = L’elenco supera le 1000 righe: dividilo in più depositi.
field-deposit_empty = L’elenco non ha righe sotto i titoli.
field-deposit_zip = L’archivio ZIP non si legge: rifallo e caricalo di nuovo.
field-deposit_encrypted = L’archivio ZIP è protetto da una password: toglila e caricalo di nuovo.
field-deposit_many = L’archivio ZIP ha più di 2000 file: dividilo.
field-deposit_large = Un file dell’archivio ZIP è troppo grande.
field-deposit_none = Nessuna riga va bene: correggi l’elenco e caricalo di nuovo.
field-deposit_faults = Ci sono righe o documenti che non vanno bene: correggi, o di’ di lasciarli fuori.
