// A leaf: one event, in the only spelling that it has (crates/journal/README.md).
import { decimal, fromHex, order, sha256, sized, text, utf8 } from './bytes.js';

const LONGEST = 65535;
const MOST_DOCUMENTS = 500;
const LAST_INSTANT = 253370764799999;

export const partCommitment = (salt, bytes) => sha256(utf8('plico/part/v1'), salt, bytes);
export const documentCommitment = (salt, digest) => sha256(utf8('plico/document/v1'), salt, digest);

const FORM =
  /^\{"v":1,"o":"([A-Za-z0-9._/-]{1,200})","i":(\d+),"t":"([^"]*)","k":"([a-z_]+\.[a-z_]+)","s":"([0-9a-f]{32})","p":(null|\[(\d+),(\d+)\]),"c":\{([^{}]*)\},"d":\[([^[\]]*)\]\}$/;
const PART = /^"([a-z]+(?:\.[0-9]+)?)":"([^"]*)"$/;

// The only form of an instant: milliseconds, UTC.
export function instant(string) {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(string) ? Date.parse(string) : NaN;
  return at >= 0 && at <= LAST_INSTANT && new Date(at).toISOString() === string ? at : undefined;
}

// The leaf of these bytes; an error says what is wrong.
export function parse(bytes) {
  if (bytes.length > LONGEST) throw new Error(`a leaf has at most ${LONGEST} bytes`);
  const found = FORM.exec(text(bytes) ?? '');
  if (!found) throw new Error('the leaf is not in canonical form');
  const [, origin, i, t, kind, s, p, log, before, c, d] = found;
  const [index, at] = [decimal(i), instant(t)];
  if (index === undefined) throw new Error('the leaf’s index is malformed');
  if (at === undefined) throw new Error('the leaf’s instant is malformed');
  if (kind.length > 64) throw new Error('the leaf’s kind is malformed');
  return { origin, index, instant: at, kind, subject: fromHex(s), previous: previous(p, log, before), parts: parts(c), documents: documents(d) };
}

function previous(p, log, index) {
  if (p === 'null') return null;
  const place = [decimal(log), decimal(index)];
  if (place.includes(undefined) || place[0] === 0n || place[0] >= 1n << 32n) throw new Error('the leaf’s previous event is malformed');
  return place;
}

function parts(list) {
  const found = new Map();
  let last;
  for (const entry of list === '' ? [] : list.split(',')) {
    const [, name, commitment] = PART.exec(entry) ?? [];
    const digest = name && name.length <= 64 ? sized(commitment, 32) : undefined;
    if (!digest) throw new Error('a commitment of the leaf is malformed');
    if (last !== undefined && order(last, name) >= 0) throw new Error('the leaf is not in canonical form');
    found.set(name, digest);
    last = name;
  }
  return found;
}

function documents(list) {
  const found = (list === '' ? [] : list.split(',')).map((entry) => /^"([^"]*)"$/.exec(entry)).map((match) => match && sized(match[1], 32));
  if (found.length > MOST_DOCUMENTS || !found.every(Boolean)) throw new Error('a document of the leaf is malformed');
  return found;
}
