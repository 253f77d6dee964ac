"""What zeep, which knows nothing of us, reads in recorded requests and answers by the vendors' own descriptions.

    python read.py WSDL FOLDER

Prints "file fields" for each; ends with 1 where one cannot be read.
"""

import re
import sys
from pathlib import Path

from lxml import etree
from zeep import Client

wsdl, folder = sys.argv[1:]
operations = {}
for binding in Client(wsdl).wsdl.bindings.values():
    for name, operation in binding._operations.items():
        operations.setdefault(name.lower(), operation)
bad = 0
for file in sorted(Path(folder).iterdir()):
    envelope = re.search(rb"<soapenv:Envelope.*</soapenv:Envelope>", file.read_bytes(), re.DOTALL)
    operation = operations[file.stem.split("-", 1)[1].lower()]
    message = operation.input if file.suffix == ".request" else operation.output
    text = envelope.group(0)
    if text.isascii() is False and b"ISO-8859-1" in file.read_bytes()[:200]:
        text = text.decode("latin-1").encode()
    try:
        read = message.deserialize(etree.fromstring(text))
        print(file.name, len(read) if hasattr(read, "__len__") else len(dir(read)))
    except Exception as error:
        print(file.name, repr(error))
        bad = 1
sys.exit(bad)
