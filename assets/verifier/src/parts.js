// The parts that a holder may know, and the list of documents.
import { fromBase64, fromHex, order, sized, text } from './bytes.js';
import { parse as json } from './json.js';

const LONGEST = 8 * 1024 * 1024;
const MOST_DOCUMENTS = 500;

const ENTRY = /("(?:[^"\\]|\\.)*"):\{"salt":"([^"\\]*)","bytes":"([^"\\]*)"\}(,|$)/y;

// `parts.json` in its one spelling: a map from name to salt and bytes.
export function parse(bytes) {
  if (bytes.length > LONGEST) throw new Error(`the parts have more than ${LONGEST} bytes`);
  const whole = /^\{"v":1,"parts":\{([^]*)\}\}$/.exec(text(bytes) ?? '');
  if (!whole) throw new Error('the parts are not in canonical form');
  const [found, list] = [new Map(), whole[1]];
  let at = 0;
  let last;
  while (at < list.length) {
    ENTRY.lastIndex = at;
    const [raw, spelt, salt, content, end] = ENTRY.exec(list) ?? [];
    if (raw === undefined) throw new Error('the parts are not in canonical form');
    const name = json(spelt);
    const part = { salt: sized(salt, 32), bytes: fromBase64(content) };
    const ordered = last === undefined || order(last, name) < 0;
    const comma = (end === ',') === at + raw.length < list.length;
    if (!part.salt || !part.bytes || !ordered || !comma || JSON.stringify(name) !== spelt) throw new Error('the parts are not in canonical form');
    found.set(name, part);
    last = name;
    at += raw.length;
  }
  return found;
}

// A part as JSON: an object, nothing else.
export function object(bytes) {
  try {
    const value = json(text(bytes));
    return value instanceof Map ? value : undefined;
  } catch {
    return undefined;
  }
}

const TEXTS = ['id', 'name', 'media_type', 'sha256', 'salt', 'role'];
const whole = (value) => (typeof value === 'bigint' ? value >= 0n : Number.isInteger(value) && value >= 0);

// The list of documents, in the order of the leaf; an error says what is wrong. A later version may add keys.
export function documents(bytes) {
  const list = json(text(bytes) ?? '', true);
  if (list.get?.('v') !== 1 || !Array.isArray(list.get('documents'))) throw new Error('the list of documents has another form');
  if (list.get('documents').length > MOST_DOCUMENTS) throw new Error('the list of documents is too long');
  return list.get('documents').map((entry) => {
    const shaped = entry instanceof Map && TEXTS.every((key) => typeof entry.get(key) === 'string') && whole(entry.get('size'));
    const digest = shaped ? fromHex(entry.get('sha256')) : undefined;
    const salt = shaped ? sized(entry.get('salt'), 32) : undefined;
    if (digest?.length !== 32 || !salt) throw new Error('the list of documents has another form');
    return { id: entry.get('id'), name: entry.get('name'), media_type: entry.get('media_type'), size: entry.get('size'), sha256: digest, salt, role: entry.get('role') };
  });
}

