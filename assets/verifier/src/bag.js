// Bags (BagIt, RFC 8493) in a ZIP: one folder with everything in it, whole and unchanged by its manifests.
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { hex, latin1, order, text } from './bytes.js';
import { open, read } from './zip.js';

const LARGEST_TAG = 64 << 20;
const LARGEST_DECLARATION = 4096;
const ALGORITHMS = { md5, sha1, sha224, sha256, sha384, sha512 };
const SYSTEM = new Set(['.ds_store', 'thumbs.db', 'desktop.ini']);

export class Bag {
  // Opens a ZIP that holds a bag and nothing beside it; an error says why it is none.
  static async open(blob) {
    const entries = await open(blob);
    const folders = new Set([...entries.keys()].map((name) => (name.includes('/') ? name.split('/')[0] : undefined)));
    if (folders.has(undefined)) throw new Error('a file of it lies beside the folder of the bag');
    if (folders.size !== 1) throw new Error(folders.size === 0 ? 'it holds no bag' : 'it holds more than the one folder of a bag');
    const bag = new Bag();
    const [folder] = folders;
    const inside = [...entries].filter(([name]) => !name.endsWith('/')).map(([name, entry]) => [name.slice(folder.length + 1), entry]);
    return Object.assign(bag, { blob, folder, entries: new Map(inside.sort(([a], [b]) => order(a, b))) });
  }

  has(path) {
    return this.entries.has(path);
  }

  each(path, piece) {
    return read(this.blob, this.entries.get(path), piece);
  }

  // A file, whole; undefined when it is not there.
  async bytes(path, limit) {
    if (!this.has(path)) return undefined;
    const pieces = [];
    let size = 0;
    await this.each(path, (piece) => {
      size += piece.length;
      if (size > limit) throw new Error(`${path} is larger than ${limit} bytes`);
      pieces.push(piece);
    });
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  }
}

// What makes a bag invalid, and the SHA-256 of every file of its payload.
export async function check(bag, progress) {
  const report = { faults: [], warned: false, files: 0, bytes: 0, sha256: new Map() };
  const fault = (what) => report.faults.push(what);
  const declared = await declaration(bag).catch((error) => fault(`bagit.txt: ${error.message}`) && undefined);
  if (!declared) return report;
  const state = { bag, report, fault, ...declared, expected: new Map(), payloads: [] };
  for (const name of [...bag.entries.keys()].filter((one) => !one.includes('/'))) await manifest(state, name);
  if (state.payloads.length === 0) fault('there is no manifest of the payload');
  const fetched = await toFetch(state);
  for (const name of [...bag.entries.keys()].filter((one) => one.startsWith('data/'))) {
    const lists = state.payloads.filter((names) => names.has(name)).length;
    if (lists === 0 && ofASystem(name)) report.warned = true;
    else if (lists === 0 || (state.strict && lists < state.payloads.length)) fault(`${name}: not in every manifest of the payload`);
  }
  await compare(state, fetched, progress);
  await information(state);
  return report;
}

async function declaration(bag) {
  const bytes = await bag.bytes('bagit.txt', LARGEST_DECLARATION);
  if (!bytes) throw new Error('missing; this is not a bag');
  const said = text(bytes);
  if (said === undefined || bytes[0] === 0xef) throw new Error('not UTF-8, or with a byte order mark');
  const rows = lines(said).map((line) => /^([^:]*):(.*)$/.exec(line));
  const labels = ['BagIt-Version', 'Tag-File-Character-Encoding'];
  if (rows.length !== 2 || !rows.every((row, at) => row && row[1].trim() === labels[at])) throw new Error('it does not say version and encoding');
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})$/.exec(rows[0][2].trim()) ?? [];
  const version = `${Number(major)}.${Number(minor)}`;
  if (!['0.93', '0.94', '0.95', '0.96', '0.97', '1.0'].includes(version)) throw new Error(`version ${version} is not known here`);
  const strict = version === '1.0';
  if (strict && !rows.every((row, at) => row[1] === labels[at] && /^ (?![ \t])/.test(row[2]))) throw new Error('a label is followed by exactly a colon and a space');
  const decode = DECODERS.get(rows[1][2].trim().toUpperCase());
  if (!decode) throw new Error('its encoding is not known here');
  return { strict, decode };
}

const utf16 = (bytes) => new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-16be', { fatal: true }).decode(bytes);
const DECODERS = new Map([['UTF-8', text], ['UTF8', text], ['ISO-8859-1', latin1], ['LATIN1', latin1], ['UTF-16', utf16]]);
const lines = (whole) => whole.split(/[\n\r]/).filter((line) => line.trim() !== '');

async function tagText({ bag, decode, fault }, name) {
  try {
    const said = decode(await bag.bytes(name, LARGEST_TAG));
    if (said === undefined) throw new Error('not of its encoding');
    return said;
  } catch (error) {
    fault(`${name}: ${error.message}`);
    return undefined;
  }
}

async function manifest(state, name) {
  const [, tag, algorithm] = /^(tag)?manifest-(.*)\.txt$/.exec(name) ?? [];
  if (algorithm === undefined) return;
  if (!Object.hasOwn(ALGORITHMS, algorithm)) {
    state.report.warned = true;
    return;
  }
  const whole = await tagText(state, name);
  if (whole === undefined) return;
  const listed = new Map();
  for (const line of lines(whole)) entry(state, { name, tag: Boolean(tag), algorithm, listed }, line);
  for (const [path, digest] of listed) {
    if (!state.expected.has(path)) state.expected.set(path, new Map());
    state.expected.get(path).set(algorithm, digest);
  }
  if (!tag) state.payloads.push(new Set(listed.keys()));
}

function entry({ bag, strict, fault, report }, { name, tag, algorithm, listed }, line) {
  const [, digest, mark, written] = /^([^ \t]+)[ \t]+(\*?)([^]+)$/.exec(line) ?? [];
  if (!written) return fault(`${name}: a line is not one of a manifest`);
  if (digest.length !== 2 * ALGORITHMS[algorithm].outputLen || !/^[0-9a-fA-F]*$/.test(digest)) return fault(`${name}: not a checksum of its kind`);
  const path = resolve(written, strict, bag);
  if (mark || written.startsWith('./')) report.warned = true;
  if (path === undefined) return fault(`${name}: ${written} leads out of the bag`);
  if (tag === path.startsWith('data/')) return fault(`${name}: ${path} does not belong in this manifest`);
  const known = listed.get(path);
  if (known !== undefined && (strict || known !== digest.toLowerCase())) fault(`${name}: ${path} is listed twice`);
  else if (known !== undefined) report.warned = true;
  if (known === undefined) listed.set(path, digest.toLowerCase());
  return undefined;
}

// Where a path of a tag file leads; undefined when that is out of the bag on some system.
function resolve(written, strict, bag) {
  const plain = written.replace(/^\.\//, '');
  const codes = strict ? /%(25|0A|0D)/gi : /%(0A|0D)/gi;
  const path = !strict && bag.has(plain) ? plain : plain.replace(codes, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  const out =
    path === '' ||
    /^[/\\~]|^[A-Za-z]:|^%[^%]+%[\\/]|\0/.test(path) ||
    path.split(/[/\\]/).some((part) => part === '..' || part === '.') ||
    path.split('/').includes('');
  return out ? undefined : path;
}

const ofASystem = (path) => SYSTEM.has(path.split('/').at(-1).toLowerCase());

async function toFetch(state) {
  const fetched = new Set();
  if (!state.bag.has('fetch.txt')) return fetched;
  for (const line of lines((await tagText(state, 'fetch.txt')) ?? '')) {
    const [, written] = /^[^ \t]*[ \t]\s*(?:-|\d*)[ \t][ \t]*([^]+)$/.exec(line) ?? [];
    const path = written && resolve(written, true, state.bag);
    if (path?.startsWith('data/')) fetched.add(path);
    else state.fault('fetch.txt: a line of it is malformed, or leads out of the payload');
  }
  return fetched;
}

// Reads every listed file, once, and compares.
async function compare({ bag, report, fault, expected }, fetched, progress) {
  const fold = (name) => name.normalize('NFC').toLowerCase();
  const present = new Set([...bag.entries.keys()].map(fold));
  for (const [path, digests] of [...expected].sort(([a], [b]) => order(a, b))) {
    if (!bag.has(path)) {
      if (present.has(fold(path)) || (ofASystem(path) && !fetched.has(path))) report.warned = true;
      else fault(`${path}: ${fetched.has(path) ? 'still to be fetched' : 'missing'}`);
      continue;
    }
    if (ofASystem(path)) report.warned = true;
    await compareOne({ bag, report, fault }, path, digests);
    progress?.(path);
  }
}

async function compareOne({ bag, report, fault }, path, digests) {
  const running = [...digests.keys()].map((algorithm) => [algorithm, ALGORITHMS[algorithm].create()]);
  let size = 0;
  try {
    await bag.each(path, (piece) => {
      size += piece.length;
      for (const [, hash] of running) hash.update(piece);
    });
  } catch (error) {
    fault(`${path}: cannot be read: ${error.message}`);
    return;
  }
  if (path.startsWith('data/')) {
    report.files += 1;
    report.bytes += size;
  }
  for (const [algorithm, hash] of running) {
    const found = hex(hash.digest());
    if (algorithm === 'sha256' && path.startsWith('data/')) report.sha256.set(path, found);
    if (found !== digests.get(algorithm)) fault(`${path}: changed (${algorithm} differs)`);
  }
}

async function information(state) {
  if (!state.bag.has('bag-info.txt')) return;
  const whole = await tagText(state, 'bag-info.txt');
  if (whole === undefined) return;
  const fields = [];
  for (const line of lines(whole)) {
    if (/^[ \t]/.test(line) && fields.length > 0) fields.at(-1)[1] += ` ${line.trim()}`;
    else if (/^[ \t]/.test(line) || !line.includes(':')) return state.fault('bag-info.txt: a line is neither a field nor its continuation');
    else fields.push([line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]);
  }
  const { report } = state;
  const [, oxum] = fields.find(([name]) => name.toLowerCase() === 'payload-oxum') ?? [];
  // Where something is missing or extra it was told already, more precisely.
  const wrong = oxum !== undefined && oxum !== `${report.bytes}.${report.files}` && report.faults.length === 0 && !report.warned;
  if (wrong) state.fault(`bag-info.txt: Payload-Oxum says ${oxum}, the payload is ${report.bytes}.${report.files}`);
  return undefined;
}
