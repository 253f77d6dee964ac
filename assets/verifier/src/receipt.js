// A receipt: what is embedded in it, check by check.
import { equal, hex } from './bytes.js';
import { chain } from './chain.js';
import { plain as jsonOf } from './json.js';
import { attachments } from './pdf.js';
import { documentCommitment, parse as parseLeaf, partCommitment } from './leaf.js';
import { documents as parseDocuments, object, parse as parseParts } from './parts.js';
import { demandsWitnesses } from './policy.js';
import { absent, failed, ok, RECEIPT, verdict } from './report.js';
import { seal } from './seal.js';

const PLACES = {
  'leaf.json': 'leaf',
  'parts.json': 'parts',
  'proof.tlog-proof': 'proof',
  'earlier.checkpoint': 'earlier',
  'earlier.tst': 'earlierStamp',
  'consistency.txt': 'consistency',
  'opening.json': 'opening',
  'opening-parts.json': 'openingParts',
  'opening.txt': 'openingPath',
};

// Verifies a receipt. `given`: documents ({name, sha256}) and files of evidence; `now`: milliseconds.
export async function verify(pdf, given, policy, now) {
  const facts = {};
  let checks;
  try {
    checks = await read(await enclosed(pdf), given, policy, now, facts);
  } catch (error) {
    checks = [failed('leaf', error.message)];
  }
  checks.push(await seal(pdf, policy, now, facts));
  for (const name of RECEIPT) if (!checks.some((check) => check.name === name)) checks.push(absent(name, 'not reached: the receipt could not be read so far'));
  checks.sort((a, b) => RECEIPT.indexOf(a.name) - RECEIPT.indexOf(b.name));
  return { verdict: verdict(checks, demands(given.documents, policy), policy), facts, checks };
}

// The checks without which the verdict is not ok.
export function demands(documents, policy) {
  const names = ['leaf', 'parts', 'inclusion', 'checkpoint'];
  if (documents.length > 0) names.push('documents');
  if (policy && demandsWitnesses(policy)) names.push('witnesses');
  if (policy?.seals) names.push('seal');
  return names;
}

async function enclosed(pdf) {
  const found = {};
  for (const { name, bytes } of await attachments(pdf)) {
    const place = Object.hasOwn(PLACES, name) ? PLACES[name] : undefined;
    if (place && found[place]) throw new Error(`two attachments are called ${name}`);
    if (place) found[place] = bytes;
  }
  return found;
}

// Everything but the seal, of a receipt or of one event of a dossier.
export async function read(enclosure, given, policy, now, facts) {
  const { leaf, check } = readLeaf(enclosure, facts);
  const checks = [check];
  const { open, check: parts } = readParts(enclosure, leaf, facts);
  checks.push(parts, readDocuments(open, leaf, given.documents, facts));
  checks.push(...(await chain(enclosure, leaf, given, policy, now, facts)));
  checks.push(absent('assertion', open.has('login') ? 'the evidence of identity is there; its signature is not checked yet' : 'there is no evidence of identity'));
  return checks;
}

function readLeaf(enclosure, facts) {
  if (!enclosure.leaf) return { check: absent('leaf', 'the file carries no leaf: it is no receipt, or one stripped of its evidence') };
  try {
    const leaf = parseLeaf(enclosure.leaf);
    Object.assign(facts, { origin: leaf.origin, index: jsonOf(leaf.index), instant: new Date(leaf.instant).toISOString(), kind: leaf.kind, subject: hex(leaf.subject) });
    return { leaf, check: ok('leaf', `event ${leaf.index} of ${leaf.origin}`) };
  } catch (error) {
    return { check: failed('leaf', error.message) };
  }
}

// The parts that fit; one that does not is not given on.
function readParts(enclosure, leaf, facts) {
  const open = new Map();
  const answer = (check) => ({ open, check });
  if (!enclosure.parts) return answer(absent('parts', 'no part is opened: nothing tells what happened'));
  let given;
  try {
    given = parseParts(enclosure.parts);
  } catch (error) {
    return answer(failed('parts', error.message));
  }
  if (!leaf) return answer(absent('parts', 'without a leaf there is nothing to compare the parts with'));
  const wrong = [];
  for (const [name, part] of given) {
    const committed = leaf.parts.get(name);
    const value = committed && equal(committed, partCommitment(part.salt, part.bytes)) ? object(part.bytes) : undefined;
    if (!value) {
      wrong.push(name);
      continue;
    }
    // The list of documents has a place of its own; evidence of identity is nothing to print.
    if (name !== 'documents' && name !== 'login') (facts.parts ??= {})[name] = jsonOf(value);
    open.set(name, part);
  }
  if (wrong.length > 0) return answer(failed('parts', `not what the leaf commits to: ${wrong.join(', ')}`));
  if (open.size === 0) return answer(absent('parts', 'no part is opened: nothing tells what happened'));
  return answer(ok('parts', `${[...open.keys()].join(', ')} fit the leaf; ${leaf.parts.size - open.size} more stay closed`));
}

function readDocuments(open, leaf, given, facts) {
  if (!leaf) return absent('documents', 'without a leaf there is nothing to compare documents with');
  if (!open.has('documents')) {
    if (leaf.documents.length > 0) return absent('documents', `the list of its ${leaf.documents.length} documents is not opened`);
    return given.length > 0 ? failed('documents', 'the event is about no document, but files were given') : absent('documents', 'the event is about no document');
  }
  let entries;
  try {
    entries = parseDocuments(open.get('documents').bytes);
  } catch (error) {
    return failed('documents', error.message);
  }
  const fits = (entry, at) => equal(documentCommitment(entry.salt, entry.sha256), leaf.documents[at]);
  if (entries.length !== leaf.documents.length || !entries.every(fits)) return failed('documents', 'the list of documents is not what the leaf commits to');
  const isGiven = (entry) => given.some((one) => equal(one.sha256, entry.sha256));
  const list = entries.map(({ salt, ...entry }) => ({ ...entry, size: jsonOf(entry.size), sha256: hex(entry.sha256), given: isGiven(entry) }));
  if (list.length > 0) facts.documents = list;
  const strangers = given.filter((one) => !entries.some((entry) => equal(entry.sha256, one.sha256)));
  if (strangers.length > 0) return failed('documents', `not among the documents of the event: ${strangers.map((one) => one.name).join(', ')}`);
  return ok('documents', `${entries.length} listed as the leaf commits to them; ${entries.filter(isGiven).length} compared with a file`);
}
