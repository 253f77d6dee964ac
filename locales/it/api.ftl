# Ciò che l’interfaccia per i programmi (/api/v1) dice di suo.

api-status-title = Il servizio funziona
api-status-text = Si può inviare, leggere e scaricare.
problem-not-ready-title = Il servizio ora non funziona
problem-not-ready-text = Ciò che è già stato inviato è al sicuro. Riprova fra mezzo minuto.
problem-token-title = Serve un token valido
problem-token-text = Indicalo nell’intestazione Authorization, dopo la parola Bearer. Quello ricevuto manca, è scaduto o è stato revocato.
problem-registry-unknown-title = Nessun ente è abbinato a questo programma
problem-registry-unknown-text = Il token vale, ma la configurazione non dice per quale ente parla: chi gestisce l’installazione aggiunga in exchange.folder un file con il nome di questo programma.
problem-scope-title = Il token non lo permette
problem-scope-text = Serve un token con l’ambito { $scope }.
problem-key-needed-title = Manca la chiave della richiesta
problem-key-needed-text = Indica nell’intestazione Idempotency-Key un testo scelto da te, da 1 a 255 caratteri senza spazi, diverso per ogni messaggio: se ripeti la richiesta, usa lo stesso.
problem-media-type-title = Il formato della richiesta non è previsto
problem-media-type-text = Invia un oggetto JSON, oppure un modulo multipart/form-data se ci sono file.
