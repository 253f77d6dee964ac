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
chart-text = Un file CSV: una riga di intestazioni, poi un ufficio per riga. Un ufficio che il file non nomina resta com’è; per chiuderlo dagli l’ultimo giorno.
chart-columns = codice;ufficio;codice dell’ufficio sopra;responsabile;posta;dal;al
chart-file = File dell’organigramma
chart-look = Guarda che cosa cambia
chart-looked = Il file aggiunge { $added } uffici, ne cambia { $changed } e ne lascia { $same } come sono. Non è ancora scritto nulla.
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
