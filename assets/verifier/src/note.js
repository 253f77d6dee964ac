// Signed notes and verifier keys (C2SP signed-note), cosignatures (tlog-cosignature), checkpoints and proofs of inclusion.
import { ed25519 } from './ed25519.js';
import { base64, decimal, equal, fromBase64, sha256, sized, text, utf8 } from './bytes.js';

const LONGEST = 256 * 1024;
const LONGEST_PROOF = 512 * 1024;
const MOST_SIGNATURES = 100;
const MOST_HASHES = 64;
export const [LOG, COSIGNATURE] = [1, 4];
export const [GOOD, BAD, ABSENT] = ['good', 'bad', 'absent'];

const named = (name) => name !== '' && !/[\p{White_Space}\p{Cc}+]/u.test(name);
const id = (name, kind, key) => sha256(utf8(`${name}\n`), Uint8Array.of(kind), key).subarray(0, 4);

// `name+id+base64`; undefined when it is no key that we know, or its id is another's.
export function verifierKey(string) {
  const [, name, digits, encoded] = /^([^+]*)\+([0-9a-f]{8})\+([^]*)$/.exec(string) ?? [];
  const bytes = encoded && sized(encoded, 33);
  if (!bytes || !named(name) || ![LOG, COSIGNATURE].includes(bytes[0])) return undefined;
  const key = { name, kind: bytes[0], bytes: bytes.subarray(1), id: id(name, bytes[0], bytes.subarray(1)) };
  return parseInt(digits, 16) === new DataView(key.id.buffer, key.id.byteOffset).getUint32(0) ? key : undefined;
}

// A note, its signatures unchecked; an error says what is wrong.
export function parse(bytes) {
  if (bytes.length > LONGEST) throw new Error('the note is too long');
  const whole = text(bytes);
  if (whole === undefined) throw new Error('the note is not UTF-8');
  const end = whole.lastIndexOf('\n\n') + 1;
  const said = whole.slice(0, end);
  const lines = whole.slice(end + 1);
  if (end === 0 || said === '\n' || !lines.endsWith('\n')) throw new Error('the note is not text, an empty line and signatures');
  if (/[\u0000-\u0009\u000b-\u001f]/.test(said)) throw new Error('the note is not plain text');
  const signatures = lines.slice(0, -1).split('\n').map(signature);
  if (signatures.length > MOST_SIGNATURES || !signatures.every(Boolean)) throw new Error('a signature line of the note is malformed');
  return { text: said, signatures };
}

function signature(line) {
  const [, name, encoded] = /^\u2014 ([^ ]*) ([^]*)$/.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  return bytes && bytes.length > 4 && named(name) ? { name, id: bytes.subarray(0, 4), bytes: bytes.subarray(4) } : undefined;
}

// Whether a key has signed a note, and when, if it is a witness's (seconds since 1970). One false line spoils all.
export async function check(note, key) {
  const answer = { state: ABSENT };
  for (const line of note.signatures) {
    if (line.name !== key.name || !equal(line.id, key.id)) continue;
    const found = await one(note, key, line.bytes);
    if (!found) return { state: BAD };
    if (answer.state === ABSENT) Object.assign(answer, { state: GOOD }, found);
  }
  return answer;
}

async function one(note, key, bytes) {
  if (key.kind === LOG) return (await ed25519(key.bytes, utf8(note.text), bytes)) ? {} : undefined;
  if (bytes.length < 8) return undefined;
  const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  const message = utf8(`cosignature/v1\ntime ${time}\n${note.text}`);
  return time < 1n << 63n && (await ed25519(key.bytes, message, bytes.subarray(8))) ? { time } : undefined;
}

// A signed checkpoint: origin, size and root on three lines, and the note that it is.
export function checkpoint(bytes) {
  const note = parse(bytes);
  const lines = note.text.slice(0, -1).split('\n');
  const [size, root] = [decimal(lines[1] ?? ''), sized(lines[2] ?? '', 32)];
  if (lines.length !== 3 || lines[0] === '' || size === undefined || !root) throw new Error('the checkpoint is not origin, size and root on three lines');
  return { origin: lines[0], size, root, note };
}

export const checkpointText = ({ origin, size, root }) => `${origin}\n${size}\n${base64(root)}\n`;

// A proof that does not read: `inCheckpoint` says where.
export class ProofError extends Error {
  constructor(message, inCheckpoint = false) {
    super(message);
    this.inCheckpoint = inCheckpoint;
  }
}

// A `.tlog-proof`; neither path nor signatures are checked.
export function proof(bytes) {
  const whole = bytes.length <= LONGEST_PROOF ? text(bytes) : undefined;
  const gap = whole?.indexOf('\n\n') ?? -1;
  if (gap < 0) throw new ProofError('the proof is not text with a checkpoint');
  const read = { checkpoint: inside(whole.slice(gap + 2)) };
  const lines = whole.slice(0, gap).split('\n');
  if (lines.shift() !== 'c2sp.org/tlog-proof@v1') throw new ProofError('line 1 of the proof is malformed');
  if (lines[0]?.startsWith('extra ') && !fromBase64(lines.shift().slice(6))) throw new ProofError('the extra of the proof is malformed');
  const index = /^index (.*)$/.exec(lines.shift() ?? '');
  read.index = index ? decimal(index[1]) : undefined;
  read.hashes = lines.map((line) => sized(line, 32));
  if (read.index === undefined || read.hashes.length > MOST_HASHES || !read.hashes.every(Boolean)) throw new ProofError('a line of the proof is malformed');
  return read;
}

function inside(note) {
  try {
    return checkpoint(utf8(note));
  } catch (error) {
    throw new ProofError(`in the proof: ${error.message}`, true);
  }
}

