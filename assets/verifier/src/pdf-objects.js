// The objects of a PDF (ISO 32000-2, 7.2 and 7.3) read from bytes. Dictionaries are maps; names are texts with a slash before.
import { latin1 } from './bytes.js';

const DEEPEST = 100;
const LONGEST = 1 << 20;
const SPACE = new Set([0, 9, 10, 12, 13, 32]);
const DELIMITERS = new Set([...'()<>[]{}/%'].map((sign) => sign.charCodeAt(0)));
const ESCAPES = { n: 10, r: 13, t: 9, b: 8, f: 12 };

export class Ref {
  constructor(number, generation) {
    Object.assign(this, { number, generation });
  }
}

export class Stream {
  constructor(dictionary, from) {
    Object.assign(this, { dictionary, from, length: dictionary.get('Length') });
  }
}

// A text string of a PDF; undefined when the object is none.
export function stringOf(object) {
  if (!(object instanceof Uint8Array)) return undefined;
  if (object[0] === 0xfe && object[1] === 0xff) return new TextDecoder('utf-16be').decode(object.subarray(2));
  if (object[0] === 0xef && object[1] === 0xbb && object[2] === 0xbf) return new TextDecoder().decode(object.subarray(3));
  return latin1(object);
}

export const bytesOf = (bytes) => latin1(bytes);

// So many objects are read of one file, whatever it makes of them: references can lead to the same large array again and again.
const MOST_OBJECTS = 5000000;
let left = 0;
export const begin = () => {
  left = MOST_OBJECTS;
};

export class Parser {
  constructor(bytes, at) {
    Object.assign(this, { bytes, at });
  }

  fail(what = 'an object is malformed') {
    throw new Error(`the receipt cannot be read: ${what}`);
  }

  space() {
    for (;;) {
      while (SPACE.has(this.bytes[this.at])) this.at += 1;
      if (this.bytes[this.at] !== 0x25) return;
      while (this.at < this.bytes.length && this.bytes[this.at] !== 10 && this.bytes[this.at] !== 13) this.at += 1;
    }
  }

  // The next word of plain characters.
  word() {
    this.space();
    const from = this.at;
    while (this.at < this.bytes.length && !SPACE.has(this.bytes[this.at]) && !DELIMITERS.has(this.bytes[this.at])) this.at += 1;
    return latin1(this.bytes, from, Math.min(this.at, from + 200));
  }

  starts(text) {
    return latin1(this.bytes, this.at, this.at + text.length) === text;
  }

  take(text) {
    this.space();
    if (!this.starts(text)) return false;
    this.at += text.length;
    return true;
  }

  // `12 0 obj … endobj`.
  indirect() {
    const [number, generation, word] = [this.word(), this.word(), this.word()];
    if (!/^[0-9]{1,10}$/.test(number) || !/^[0-9]{1,5}$/.test(generation) || word !== 'obj') this.fail();
    const value = this.value();
    if (value instanceof Map && this.take('stream')) {
      if (this.starts('\r\n')) this.at += 2;
      else if (this.starts('\n')) this.at += 1;
      return { number: Number(number), value: new Stream(value, this.at) };
    }
    return { number: Number(number), value };
  }

  value(depth = 0) {
    left -= 1;
    if (depth > DEEPEST || left < 0) this.fail('its objects are nested too deep, or too many');
    this.space();
    if (this.take('<<')) return this.dictionary(depth);
    if (this.take('[')) return this.array(depth);
    const first = String.fromCharCode(this.bytes[this.at] ?? 0);
    if (first === '/') return this.name();
    if (first === '(') return this.literal();
    if (first === '<') return this.hexadecimal();
    return this.plain();
  }

  plain() {
    const word = this.word();
    const known = { true: true, false: false, null: null };
    if (Object.hasOwn(known, word)) return known[word];
    if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(word)) this.fail();
    if (/^[0-9]+$/.test(word)) {
      const back = this.at;
      const [generation, sign] = [this.word(), this.word()];
      if (/^[0-9]{1,5}$/.test(generation) && sign === 'R') return new Ref(Number(word), Number(generation));
      this.at = back;
    }
    return Number(word);
  }

  name() {
    this.at += 1;
    const from = this.at;
    while (this.at < this.bytes.length && !SPACE.has(this.bytes[this.at]) && !DELIMITERS.has(this.bytes[this.at])) this.at += 1;
    return `/${latin1(this.bytes, from, this.at).replace(/#([0-9A-Fa-f]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)))}`;
  }

  array(depth) {
    const items = [];
    while (!this.take(']')) items.push(this.value(depth + 1));
    return items;
  }

  dictionary(depth) {
    const fields = new Map();
    while (!this.take('>>')) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string') this.fail();
      fields.set(key.slice(1), this.value(depth + 1));
    }
    return fields;
  }

  hexadecimal() {
    const end = this.bytes.indexOf(0x3e, this.at);
    if (end < 0 || end - this.at > 16 * LONGEST) this.fail();
    const digits = latin1(this.bytes, this.at + 1, end).replace(/[\0\t\n\f\r ]/g, '');
    if (!/^[0-9A-Fa-f]*$/.test(digits)) this.fail();
    this.at = end + 1;
    const even = digits.length % 2 ? `${digits}0` : digits;
    return Uint8Array.from({ length: even.length / 2 }, (_, n) => parseInt(even.slice(2 * n, 2 * n + 2), 16));
  }

  literal() {
    const out = [];
    this.at += 1;
    for (let open = 1; ; this.at += 1) {
      if (this.at >= this.bytes.length || out.length > LONGEST) this.fail();
      const byte = this.bytes[this.at];
      if (byte === 0x5c) {
        this.escaped(out);
        continue;
      }
      if (byte === 0x28) open += 1;
      if (byte === 0x29 && (open -= 1) === 0) break;
      out.push(byte);
    }
    this.at += 1;
    left -= out.length >> 6;
    return Uint8Array.from(out);
  }

  // After a backslash; the place stays on the last byte that was read.
  escaped(out) {
    this.at += 1;
    const sign = String.fromCharCode(this.bytes[this.at]);
    const [octal] = /^[0-7]{1,3}/.exec(latin1(this.bytes, this.at, this.at + 3)) ?? [];
    if (octal) {
      out.push(parseInt(octal, 8) & 255);
      this.at += octal.length - 1;
    } else if (sign === '\r' || sign === '\n') {
      if (sign === '\r' && this.bytes[this.at + 1] === 10) this.at += 1;
    } else {
      out.push(ESCAPES[sign] ?? this.bytes[this.at]);
    }
  }
}
