"""Registers with gisweb-iride, a client of J-Iride that others wrote.

    python iride.py URL USER FILE...

Prints number, year and identifier.
"""

import base64
import sys
from pathlib import Path

from gisweb_iride import iride
from gisweb_iride.schema import (
    IAllegatoProtocollo,
    IAmministrazione,
    IConfigProtocollo,
    IDataProtocollo,
    IFascicolo,
    ISoggettoProtocollo,
)

url, user, *files = sys.argv[1:]


class Text:
    """Its template writes Python's b'…' around base64; here it writes the base64."""

    b64encode = staticmethod(lambda content: base64.b64encode(content).decode())


iride.base64 = Text
body = IAmministrazione(
    Denominazione="Comune", CodiceAOO="AOO1", CodiceEnte="PAT", IndirizzoTelematico="p@comune.example.com"
)
config = IConfigProtocollo(wsUrl=url, wsUser=user, wsEnte="PAT", wsPassword="", amministrazione=body)


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
            TipoSoggetto="F",
            Nome="Anna",
            Cognome="Verdi",
            CodiceFiscale="VRDNNA80A41H501X",
            IndirizzoTelematico="a@esempio.it",
        )
    ],
    Flusso="A",
    Oggetto="Prova di un altro client [PLICO-iride]",
    Classifica="06-01",
    UO="2.5.1",
    Fascicolo=IFascicolo(numero="2", anno="2026"),
    Principale=attachment(files[0]),
    Allegati=[attachment(path) for path in files[1:]],
)
result = iride.Protocollo(config).protocollaDocumento(data, testXml=False)
if result.lngErrNumber:
    sys.exit(f"{result.lngErrNumber}: {result.strErrString}")
print(result.lngNumPG, result.lngAnnoPG, result.lngDocID)
