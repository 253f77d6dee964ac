# Il verificatore che funziona senza rete (verifica.html).

verifier-title = Verifica ricevute e fascicoli
verifier-lead = Tutto avviene in questa pagina, anche senza rete: nulla di ciò che scegli lascia il tuo computer.
verifier-origin = Se questa pagina era dentro un fascicolo, viene da chi stai controllando. Prendine un’altra altrove: dalla pagina «Verifica» di un altro ente che usa Plico, o costruita dai suoi sorgenti. Le versioni uguali hanno la stessa impronta SHA-256.
verifier-file = Ricevuta (PDF) o fascicolo (ZIP)
verifier-file-hint = Proprio il file scaricato: una stampa scansionata non contiene la prova.
verifier-policy = Di chi ti fidi: il file delle chiavi
verifier-policy-hint = Ottienilo dall’ente per un’altra via, non insieme a ciò che controlli. Senza, la verifica resta incompleta.
verifier-pasted = Oppure incollalo qui
verifier-documents-hint = I file di cui la ricevuta parla, per vedere se sono proprio quelli.
verifier-working = Verifico…
verifier-cannot = Non è stato possibile verificare:
verifier-no-file = scegli prima una ricevuta o un fascicolo.
verifier-two-policies = hai dato le chiavi due volte, in un file e incollate: lasciane una.
verifier-old-browser = Questo browser è troppo vecchio per verificare firme. Apri questo file con una versione recente di Firefox, Chrome, Edge o Safari.
verifier-report = Il rapporto, come lo legge un programma
verifier-limits = Che cosa un esito non dice
verifier-limits-text = Che l’ente abbia registrato tutto; che chi ha agito fosse davvero chi diceva di essere; un tempo più fine di quello fra due stati confermati del registro. Se un certificato sia stato revocato non si può chiedere senza rete.
