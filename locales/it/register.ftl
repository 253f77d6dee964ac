# The built-in register: what goes from office to office, series, the office chart, past registers, the preserver.

internal-title = Protocollo interno
internal-lead = Registra ciò che un ufficio scrive a un altro: prende un numero del registro e va nella coda dell’ufficio che lo riceve.
internal-no-office = Non sei in nessun ufficio aperto: chi scrive a un altro ufficio scrive per il suo.
internal-from = Ufficio che scrive
internal-to = Ufficio che riceve
internal-answers = Risponde all’ufficio { $office }:
internal-files = Allegati
internal-files-there = Già caricati:
field-same_office = Scegli un ufficio diverso da quello che scrive.

series-title = Repertori
series-lead = Decreti, ordinanze, contratti, certificati: ogni repertorio ha la sua numerazione annuale accanto al registro.
series-admin-lead = Quali repertori tiene l’ente. Il codice non cambia più; un repertorio che non si usa più resta leggibile.
series-add = Aggiungi un repertorio
series-change = Cambia il repertorio
series-name = Denominazione
series-code-hint = Lettere minuscole, cifre e trattini, per esempio decreti.
series-this-year = Numeri di quest’anno
series-none = Nessun repertorio
series-none-text = Li definisce l’amministratore dell’ente.
series-none-admin = Aggiungi il primo qui sopra.
series-year = Anno { $year }
series-enter = Registra nel repertorio
series-enter-lead = Il documento prende il prossimo numero del repertorio, senza numero di protocollo. Ciò che è già protocollato si inserisce dalla sua pagina.
series-with = Controparte o interessati
series-with-hint = Uno per riga, se ce ne sono.
series-files = Documento e allegati
series-files-hint = Il primo file è il documento; gli altri sono i suoi allegati.
series-text-hint = Se non c’è un file, il documento è questo testo.
series-empty = Nessun numero in quest’anno
series-empty-text = Il primo documento prende il numero 1.
series-annulled = Annullato
item-series = Inserisci in un repertorio
item-series-which = Repertorio
item-series-go = Inserisci
done-series = Inserito: ha il suo numero nel repertorio.
field-series_entered = È già in questo repertorio.
field-series_document = Carica un file o scrivi il testo: un repertorio numera documenti.

chart-title = Organigramma
chart-lead = Uffici con chi li dirige, l’ufficio sopra e le date, da un file. Prima vedi che cosa cambia, poi confermi.
chart-office-lead = Gli uffici dell’ente. Un ufficio chiuso non riceve più nulla; il suo passato resta leggibile.
chart-from-file = Organigramma da file
chart-text = Un file CSV: una riga di intestazioni, poi un ufficio per riga. Un ufficio che il file non nomina resta com’è; per chiuderlo dagli l’ultimo giorno. Di un ufficio che c’è già, una cella vuota di responsabile, posta o date lascia ciò che c’è.
chart-columns = codice;ufficio;codice dell’ufficio sopra;responsabile;posta;dal;al
chart-file = File dell’organigramma
chart-look = Guarda che cosa cambia
chart-looked = Uffici nuovi: { $added }; cambiati: { $changed }; uguali: { $same }. Non è ancora scritto nulla.
chart-left = Il file non nomina questi uffici aperti, che restano: { $names }.
chart-apply-text = Se l’elenco qui sotto è giusto, applicalo: tutto o niente.
chart-apply = Applica
chart-other = Un altro file
chart-code = Codice
chart-name = Ufficio
chart-parent = Ufficio sopra
chart-responsible = Responsabile
chart-email = Posta
chart-from = Dal
chart-until = Al
chart-change = Che cosa fa
chart-change-added = nuovo
chart-change-changed = cambia
chart-change-same = uguale
chart-waiting = In attesa
chart-closed = chiuso
chart-over = Uffici chiusi con pratiche in attesa
chart-over-text = Assegnale a un ufficio aperto.
chart-over-count = { $count ->
    [one] una pratica
   *[other] { $count } pratiche
 }
field-office_code = Usa lettere, cifre, punti, trattini e barre, al più 40 caratteri.
field-chart_lines = Al più { $limit } uffici in un file.
field-chart_empty = Il file non ha uffici sotto la riga delle intestazioni.
field-chart_circle = L’ufficio sta sopra sé stesso.

past-title = Registri precedenti
past-lead = Le registrazioni tenute prima di questo registro, come il file che le ha portate le dice.
past-mark = Queste registrazioni non sono di questo registro: numero, data e parole sono quelle del registro che le teneva.
past-register = Registro e anno
past-of-case = Del fascicolo { $number }.
past-none = Nessun registro precedente
past-none-text = Il responsabile della gestione documentale può importarne uno da un file CSV.
past-import = Importa un registro precedente
past-import-lead = Un file CSV con una registrazione per riga, al più { $most }. Prima vedi che cosa porta, poi confermi: entra tutto o niente, e lo stesso file non entra due volte.
past-columns = registro;anno;numero;data;verso (E, U, I);soggetti divisi da |;oggetto;ufficio;fascicolo;impronta SHA-256
past-file = File del registro
past-file-hint = Le ultime tre colonne possono essere vuote.
past-look = Guarda che cosa porta
past-known = Questo file è già stato importato: non c’è altro da fare.
past-brings = { $register } { $year }: { $count ->
    [one] una registrazione
   *[other] { $count } registrazioni
 }
past-apply-text = Se ciò che vedi è giusto, scegli di nuovo lo stesso file e importalo.
past-same-file = Lo stesso file
past-apply = Importa
past-batches = File importati
past-batches-none = Nessuno finora.
past-batch-lines = { $count ->
    [one] una registrazione
   *[other] { $count } registrazioni
 }
past-area = Registro
past-year = Anno
past-number = Numero
past-day = Data
past-direction = Verso
past-parties = Soggetti
past-subject = Oggetto
past-office = Ufficio
past-case_file = Fascicolo
past-digest = Impronta
done-past = Importato: le registrazioni sono qui sotto.
field-past_direction = Scrivi E per entrata, U per uscita, I per interno.
field-past_digest = Un’impronta SHA-256 ha 64 cifre esadecimali.
field-past_lines = Al più { $limit } registrazioni in un file: dividilo.
field-headings = La prima riga sembra già un dato: metti sopra la riga delle intestazioni, altrimenti andrebbe persa.
field-past_empty = Il file non ha registrazioni sotto la riga delle intestazioni.
field-past_taken = Questo numero è già stato importato da un altro file.
field-past_other = Non è il file che hai guardato: guardalo prima di importarlo.

preservation-title = Conservazione
preservation-lead = Il registro di ogni giornata chiusa va al conservatore entro la giornata lavorativa successiva. Qui si vede che cosa il conservatore ha preso.
preservation-due = Entro il
preservation-handed = Versato il
preservation-receipt = Risposta del conservatore
preservation-attempt = versato { $count } volte
preservation-state-waiting = da versare
preservation-state-handed = versato
preservation-state-accepted = preso in carico
preservation-late = in ritardo
preservation-again = Versa di nuovo
preservation-overdue = { $count ->
    [one] Il registro di una giornata è in ritardo
   *[other] I registri di { $count } giornate sono in ritardo
 }: il termine è passato senza la presa in carico di un conservatore. Avvisa chi cura il collegamento.
preservation-refused-days = { $count ->
    [one] Il conservatore ha rifiutato una giornata
   *[other] Il conservatore ha rifiutato { $count } giornate
 }: leggi il motivo, poi versa di nuovo.
preservation-strange = { $count ->
    [one] Una risposta del conservatore non si capisce
   *[other] { $count } risposte del conservatore non si capiscono
 }: nella cartella degli esiti il nome finisce con .ignoto.
preservation-not-carried = Nessun conservatore è collegato: qui restano i termini, e ogni giornata si scarica da «Registro giornaliero».
preservation-state-refused = rifiutato
done-handed = Versato di nuovo: la risposta comparirà qui.
field-preserved = Il conservatore l’ha già preso in carico.
health-preserver = Conservazione
health-preserver-absent = Nessun conservatore è collegato.
health-preserver-absent-todo = Indica preserver.folder nella configurazione, o versa a mano i registri giornalieri.
health-preserver-late = Giornate del registro oltre il termine, non prese in carico: { $count }.
health-preserver-late-todo = Guarda «Conservazione»: se sono versate, chiedi al conservatore; se no, controlla la cartella preserver.folder.
health-preserver-refused = Giornate rifiutate dal conservatore: { $count }.
health-preserver-refused-todo = Il responsabile della gestione documentale ne trova il motivo in «Conservazione» e le versa di nuovo.
health-preserver-kept = Ogni giornata del registro è presa in carico, o nel termine.

leave-readme =
    Ciò che { $body } tiene nell’archivio, in un’esportazione cominciata il { $at } (UTC): ciò che è stato scritto dopo può esserci o mancare.
    {""}
    registro/registro-ANNO.csv e .xml: il registro di protocollo, una registrazione per riga. Rettifiche e annullamenti sono nel CSV; l’XML, nel formato del registro giornaliero, ha le registrazioni come sono ora.
    registro/registri-precedenti.csv: le registrazioni importate da registri precedenti.
    repertori/CODICE-ANNO.csv: i repertori.
    soggetti.csv, uffici.csv, titolario.csv, fascicoli.csv, conservazione.csv: soggetti, uffici, classificazione, fascicoli, versamenti.
    documenti/ANNO/NUMERO-IDENTIFICATIVO: ogni messaggio, con i suoi documenti come furono presentati e dati.json; senza-numero per ciò che non ha un numero di protocollo.
    fascicoli/IDENTIFICATIVO.zip: ogni fascicolo con documenti, ricevute, storia e prove; si verifica con «plico verify» o con la pagina verifica.html che contiene.
    manifest-sha256.txt: l’impronta di ogni file; c’è solo se l’esportazione è finita. Si controlla con «sha256sum -c manifest-sha256.txt».
    {""}
    I CSV sono in UTF-8, con punto e virgola e virgolette. Un apostrofo davanti a =, +, - o @ non fa parte del dato: impedisce ai fogli di calcolo di eseguirlo come formula. Gli istanti sono in UTC (RFC 3339).
    Mancano: i file in cui è stato trovato un virus, che dati.json nomina; ricevute e prove dei messaggi che non stanno in un fascicolo; gli esemplari dei registri giornalieri; i file con cui il conservatore ha risposto; annotazioni interne, tessere, deleghe e verifiche delle firme. Di ciò che è stato scartato resta la registrazione.
case-import = Importa fascicoli
case-import-lead = I fascicoli tenuti da un altro sistema continuano qui con un numero nuovo; il numero di prima resta scritto. Al massimo { $most } per file.
case-import-columns = numero;titolo;ufficio;classe;aperto;chiuso
case-import-brings = { $over ->
    [0] { $count ->
        [one] Il file porta un fascicolo.
       *[other] Il file porta { $count } fascicoli.
    }
   *[other] Il file porta { $count } fascicoli, di cui { $over } già chiusi.
}
case-import-apply-text = Tutti o nessuno: se una riga non va, non si apre niente.
case-import-number = numero
case-import-title = titolo
case-import-office = ufficio
case-import-class = classe
case-import-opened = giorno di apertura
case-import-closed = giorno di chiusura
case-former = Numero nel sistema precedente
case-former-short = prima { $number }
case-former-opened = Aperto il { $opened }
case-former-over = Aperto il { $opened }, chiuso il { $closed }
case-past = Registrazioni precedenti del fascicolo
case-past-more = Cerca le altre nei registri precedenti
casefile-number-hint = Di un fascicolo aperto, come 2026/15.
done-cases = Fascicoli importati.
field-case_taken = Un fascicolo con questo numero è già stato importato.
contacts-title = Soggetti importati
contacts-lead = Persone, imprese ed enti che un altro sistema conosceva: allo sportello si scelgono invece di scriverli di nuovo.
contacts-count = { $count ->
    [one] Un soggetto importato.
   *[other] { $count } soggetti importati.
}
contacts-none = Nessun soggetto importato
contacts-none-text = Si possono scegliere quelli già noti e gli enti dell’IPA.
contacts-bring = Importa un elenco
contacts-columns = nome;codice fiscale o partita IVA;posta
contacts-file-hint = CSV, al massimo { $most } righe. Chi c’è già viene aggiornato; se una riga non va, non si importa niente.
contact-name = nome
contact-fiscal_code = codice fiscale
contact-email = posta
done-contacts = Elenco aggiornato.
contact-listed = importato
