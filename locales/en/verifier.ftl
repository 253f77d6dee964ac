# The verifier that works without a network (verifica.html).

verifier-title = Check receipts and dossiers
verifier-lead = Everything happens in this page, even without a network: nothing that you choose leaves your computer.
verifier-origin = If this page was inside a dossier it comes from the party that you are checking. Get another elsewhere: from the page “Verifica” of another body that uses Plico, or built from its sources. Equal versions have the same SHA-256.
verifier-file = Receipt (PDF) or dossier (ZIP)
verifier-file-hint = The very file that was downloaded: a scanned print does not hold the proof.
verifier-policy = Whom you trust: the file of keys
verifier-policy-hint = Get it from the body in another way, not together with what you check. Without it the check stays incomplete.
verifier-pasted = Or paste it here
verifier-documents-hint = The files the receipt speaks of, to see whether they are the same.
verifier-working = Checking…
verifier-cannot = It could not be checked:
verifier-no-file = choose a receipt or a dossier first.
verifier-two-policies = you gave the keys twice, in a file and pasted: leave one.
verifier-old-browser = This browser is too old to check signatures. Open this file with a recent version of Firefox, Chrome, Edge or Safari.
verifier-report = The report, as a program reads it
verifier-limits = What a verdict does not say
verifier-limits-text = That the body recorded everything; that whoever acted was who he said he was; a time finer than between two vouched states of the log. Whether a certificate was revoked cannot be asked without a network.
