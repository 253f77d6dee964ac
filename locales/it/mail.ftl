# Avvisi per posta: nessun contenuto, solo chi scrive e dove si legge.
notice-person-subject = { $body }: hai un nuovo messaggio
notice-person-text =
  { $office } ({ $body }) ti ha messo a disposizione un messaggio.

  Per leggerlo accedi con la tua identità digitale:
  { $link }

  Questo avviso è una cortesia: non contiene il messaggio e non ha valore di notifica. Non chiediamo mai password o pagamenti per posta. Se hai dubbi, non usare il collegamento: accedi dal sito dell’ente.
notice-office-subject = { $body }: arrivo { $number } per { $office }
notice-office-text =
  È arrivato un messaggio per { $office }, protocollo { $number }.

  Si legge qui, dopo l’accesso:
  { $link }

  Questo avviso è automatico: non rispondere.
notice-office-withdrawn =
  La persona ha ritirato la sua istanza, protocollo { $number }.

  Si legge qui, dopo l’accesso:
  { $link }

  Questo avviso è automatico: non rispondere.
notice-test-subject = { $body }: avviso di prova
notice-test-text = Hai chiesto un avviso di prova allo sportello digitale di { $body }. Se lo leggi, gli avvisi arrivano a questo indirizzo. Non serve fare altro.
