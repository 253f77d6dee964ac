"""What pyHanko says of CMS and PDF files: one line each, "name verdict".

    python peers.py CONTENT FILE...

"intact": the digests and the mathematics hold; "not": they do not; "none": no signature; "refused": it does not look at
files of this kind; "unreadable".
"""

import asyncio
import logging
import sys
from pathlib import Path

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import async_validate_cms_signature, async_validate_detached_cms


def word(status):
    return "intact" if status.intact and status.valid else "not"


async def pdf(path):
    with path.open("rb") as file:
        signatures = PdfFileReader(file).embedded_regular_signatures
        if not signatures:
            return "none"
        words = [word(await async_validate_pdf_signature(one)) for one in signatures]
    return "intact" if all(one == "intact" for one in words) else "not"


async def envelope(bytes_, content):
    try:
        signed = cms.ContentInfo.load(bytes_)["content"]
        signers = len(signed["signer_infos"])
        detached = signed["encap_content_info"]["content"].native is None
    except Exception:
        return "unreadable"
    if signers == 0:
        return "none"
    try:
        if detached:
            return word(await async_validate_detached_cms(content, signed))
        return word(await async_validate_cms_signature(signed))
    except SignatureValidationError:
        return "not"
    except Exception:
        return "refused"


async def main(content, files):
    for path in map(Path, files):
        if path.suffix == ".pdf":
            said = await pdf(path)
        else:
            said = await envelope(path.read_bytes(), Path(content).read_bytes())
        print(path.name, said)


# What it thinks of the dates of certificates is not asked.
logging.disable(logging.CRITICAL)
asyncio.run(main(sys.argv[1], sys.argv[2:]))
