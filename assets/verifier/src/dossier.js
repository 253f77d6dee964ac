// A dossier: a bag with documents, receipts and the events of a case file, each with its proof against one checkpoint.
import { Bag, check as checkBag } from './bag.js';
import { order } from './bytes.js';
import { History } from './history.js';
import { read as readIndex } from './pindex.js';
import { demands, read, verify as receipt } from './receipt.js';
import { absent, DOSSIER, failed, ok, verdict } from './report.js';

const [LARGEST_RECEIPT, LARGEST_OF_EVENT, LARGEST_INDEX, LARGEST_EVIDENCE] = [64 << 20, 9 << 20, 256 << 20, 4 << 20];
const SHARED = { earlier: 'earlier.checkpoint', consistency: 'consistency.txt', opening: 'opening.json', openingParts: 'opening-parts.json', openingPath: 'opening.txt' };
const OWN = { leaf: 'leaf.json', parts: 'parts.json', proof: 'proof.tlog-proof' };
const NOTHING = { documents: [], evidence: [] };

// What came of each check, over everything it was asked of.
class Tallies {
  all = new Map(DOSSIER.map((name) => [name, { good: [], absent: [], failed: [] }]));

  add({ name, result, detail }, of) {
    const tally = this.all.get(name);
    if (result === 'failed') tally.failed.push(`${of}: ${detail}`);
    else tally[result === 'ok' ? 'good' : 'absent'].push(detail);
  }

  checks() {
    return DOSSIER.map((name) => {
      const { good, absent: missing, failed: wrong } = this.all.get(name);
      const more = wrong.length - 3;
      if (wrong.length > 0) return failed(name, wrong.slice(0, 3).join('; ') + (more > 0 ? `; and ${more} more` : ''));
      // Not every event has documents; everything else is asked of each.
      if (missing.length > 0 && (name !== 'documents' || good.length === 0)) return absent(name, missing[0]);
      if (good.length === 0) return absent(name, 'there was nothing to check');
      return ok(name, good.length === 1 ? good[0] : `${good.length} hold`);
    });
  }
}

// Verifies a dossier; `progress` hears of every file that was read.
export async function verify(blob, policy, now, progress) {
  const tallies = new Tallies();
  const facts = { name: '', messages: [], events: 0, first: null, last: null, documents: [], receipts: 0, checkpoints: [] };
  let bag;
  try {
    bag = await Bag.open(blob);
  } catch (error) {
    tallies.add(failed('bag', error.message), 'dossier');
    return { verdict: 'failed', facts, checks: tallies.checks() };
  }
  facts.name = bag.folder;
  const report = await checkBag(bag, progress);
  for (const fault of report.faults) tallies.add(failed('bag', fault), bag.folder);
  tallies.add(ok('bag', `${report.files} files of ${report.bytes} bytes are whole and unchanged`), bag.folder);
  const work = { bag, files: report.sha256, policy, now, tallies, facts };
  await index(work);
  await events(work);
  await receipts(work);
  const checks = tallies.checks();
  // The page that people read is not sealed: nothing in it is believed.
  const demanded = [...demands([], policy).filter((name) => name !== 'seal'), 'bag', 'index', 'history'];
  return { verdict: verdict(checks, demanded, policy), facts, checks };
}

const payload = (files) => [...files.keys()].sort(order).map((path) => path.slice('data/'.length));

// The index names every file of the payload but itself, each with its digest.
async function index({ bag, files, tallies }) {
  const add = (check) => tallies.add(check, 'PIndex.xml');
  let named;
  try {
    const bytes = await bag.bytes('data/PIndex.xml', LARGEST_INDEX);
    if (!bytes) return add(failed('index', 'it has none'));
    named = readIndex(bytes);
  } catch (error) {
    return add(failed('index', error.message));
  }
  const left = new Set(payload(files).filter((path) => path !== 'PIndex.xml'));
  for (const [path, digest] of named) {
    const found = files.get(`data/${path}`);
    if (found === undefined) add(failed('index', `${path} is named and not there`));
    else add(found === digest ? ok('index', '') : failed('index', `another digest for ${path}`));
    left.delete(path);
  }
  for (const path of left) add(failed('index', `${path} is there and not named`));
  return undefined;
}

// Files of a folder by what they are; what is not there or cannot be read is left out.
async function gather(bag, folder, names) {
  const found = {};
  for (const [place, name] of Object.entries(names)) {
    const bytes = await bag.bytes(`data/${folder}/${name}`, LARGEST_OF_EVENT).catch(() => undefined);
    if (bytes) found[place] = bytes;
  }
  return found;
}

async function events({ bag, files, policy, now, tallies, facts }) {
  const folders = new Set(payload(files).filter((path) => path.startsWith('storia') && path.split('/').length === 4).map((path) => path.slice(0, path.lastIndexOf('/'))));
  const [history, told] = [new History(), []];
  let shared = {};
  for (const folder of [...folders].sort(order)) {
    const above = folder.slice(0, folder.lastIndexOf('/'));
    if (shared.of !== above) shared = { of: above, files: await gather(bag, above, SHARED) };
    const enclosure = { ...shared.files, ...(await gather(bag, folder, OWN)) };
    const event = {};
    for (const check of await read(enclosure, NOTHING, policy, now, event)) tallies.add(check, folder);
    history.add(folder, enclosure.leaf);
    tell(facts, event);
    told.push(event);
  }
  facts.events = told.length;
  for (const check of history.checks(told)) tallies.add(check, 'storia');
  for (const event of told) {
    const act = event.parts?.act;
    if (act && event.kind === 'casefile.opened') facts.case_file = act;
    if (act && event.kind === 'casefile.filed' && typeof act.message === 'string') facts.messages.push(act.message);
  }
  documents(files, told, tallies, facts);
}

const edge = (known, found, before) => (known === null || known === undefined || (found !== undefined && before(found, known)) ? (found ?? known) : known);

function tell(facts, event) {
  const [less, more] = [(a, b) => a < b, (a, b) => a > b];
  facts.first = edge(facts.first, event.instant, less);
  facts.last = edge(facts.last, event.instant, more);
  for (const bound of ['not_before', 'not_after']) {
    const found = edge(facts[bound], event[bound], less);
    if (found !== undefined) facts[bound] = found;
  }
  const same = (one) => one.size === event.checkpoint.size && one.root === event.checkpoint.root;
  if (event.checkpoint && !facts.checkpoints.some(same)) facts.checkpoints.push(event.checkpoint);
}

// Every file among the documents is one that an event commits to.
function documents(files, told, tallies, facts) {
  const inside = payload(files).filter((path) => path.startsWith('documenti/'));
  const here = new Map();
  for (const path of inside) {
    const digest = files.get(`data/${path}`);
    here.set(digest, [...(here.get(digest) ?? []), path]);
  }
  const [known, named] = [new Set(), new Map()];
  for (const document of told.flatMap((event) => event.documents ?? [])) {
    // Several events may be about one document: its coming, its delivery, its opening.
    const before = named.get(document.id);
    named.set(document.id, document.sha256);
    if (before !== undefined) {
      if (before !== document.sha256) tallies.add(failed('documents', `two events name two contents of document ${document.id}`), 'documenti');
      continue;
    }
    known.add(document.sha256);
    // Two documents of one content are two files; where they are one, it stands for both.
    const paths = here.get(document.sha256) ?? [];
    facts.documents.push({ ...document, file: (paths.length > 1 ? paths.pop() : paths[0]) ?? null });
  }
  for (const path of inside) {
    if (!known.has(files.get(`data/${path}`))) tallies.add(failed('documents', `${path} is no document of this history`), 'documenti');
  }
}

async function receipts({ bag, files, policy, now, tallies, facts }) {
  for (const path of payload(files)) {
    // What lies beside a receipt is read with it.
    if (!path.startsWith('ricevute/') || path.endsWith('.evidence')) continue;
    facts.receipts += 1;
    try {
      const later = await bag.bytes(`data/${path.replace(/\.pdf$/, '')}.evidence`, LARGEST_EVIDENCE);
      const bytes = await bag.bytes(`data/${path}`, LARGEST_RECEIPT);
      const report = await receipt(bytes, { documents: [], evidence: later ? [later] : [] }, policy, now);
      const wrong = report.checks.find((check) => check.result === 'failed');
      tallies.add(wrong ? failed('receipts', wrong.detail) : ok('receipts', ''), path);
    } catch (error) {
      tallies.add(failed('receipts', error.message), path);
    }
  }
}
