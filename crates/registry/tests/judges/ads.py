"""Registers with gisweb-ads, a client of ADS/Finmatica that others wrote.

    python ads.py WSDL-URL USER PASSWORD FILE...

Prints number and year.
"""

import sys
from pathlib import Path

from gisweb_ads.ads import Protocollo
from gisweb_ads.schema import (
    IAllegatoProtocollo,
    IAmministrazione,
    IConfigProtocollo,
    IDataProtocollo,
    IFascicolo,
    IParametro,
    ISoggettoProtocollo,
)

url, user, password, *files = sys.argv[1:]
body = IAmministrazione(
    Denominazione="Comune", CodiceAOO="AOO1", CodiceEnte="PAT", IndirizzoTelematico="p@comune.example.com"
)
config = IConfigProtocollo(
    wsUrl=url, wsUser=user, wsEnte="PAT", wsPassword=password, amministrazione=body, applicativo="prova"
)


def attachment(path):
    content = Path(path).read_bytes()
    return IAllegatoProtocollo(
        descrizione="prova",
        tipo="DOC",
        nome=Path(path).name,
        content=content,
        size=len(content),
        mimetype="application/pdf",
        ext="pdf",
    )


data = IDataProtocollo(
    Soggetti=[
        ISoggettoProtocollo(
            Nome="Anna", Cognome="Verdi", CodiceFiscale="VRDNNA80A41H501X", IndirizzoTelematico="a@esempio.it"
        )
    ],
    Flusso="E",
    Oggetto="Prova di un altro client [PLICO-ads]",
    Classifica="06-01",
    UO="2.5.1",
    Fascicolo=IFascicolo(numero="2", anno="2026"),
    Parametri=[IParametro(nome="uo", valore="4.3")],
    Principale=attachment(files[0]),
    Allegati=[attachment(path) for path in files[1:]],
)
result = Protocollo(config).protocollaDocumento(data, testXml=False)
if result.lngErrNumber:
    sys.exit(f"{result.lngErrNumber}: {result.strErrString}")
print(result.lngNumPG, result.lngAnnoPG)
