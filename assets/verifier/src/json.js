// JSON, stricter than the browser's: no key twice where that is forbidden, no half of a surrogate pair, no deeper than 127; whole
// numbers stay whole however large.
const DEEPEST = 127;

class Reader {
  constructor(source, once) {
    Object.assign(this, { source, once, at: 0 });
  }

  fail() {
    throw new SyntaxError(`not JSON at character ${this.at}`);
  }

  space() {
    while (' \t\n\r'.includes(this.source[this.at] ?? '.')) this.at += 1;
  }

  take(sign) {
    this.space();
    if (this.source[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  expect(sign) {
    if (!this.take(sign)) this.fail();
  }

  value(depth) {
    if (depth > DEEPEST) this.fail();
    this.space();
    const first = this.source[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return this.string();
    for (const [word, value] of [['true', true], ['false', false], ['null', null]]) {
      if (this.source.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  string() {
    const found = /"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y;
    found.lastIndex = this.at;
    const raw = found.exec(this.source)?.[0];
    if (raw === undefined) this.fail();
    const string = JSON.parse(raw);
    if (!string.isWellFormed()) this.fail();
    this.at += raw.length;
    return string;
  }

  number() {
    const found = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
    found.lastIndex = this.at;
    const match = found.exec(this.source);
    if (!match) this.fail();
    this.at += match[0].length;
    const number = Number(match[0]);
    if (!Number.isFinite(number)) this.fail();
    return match[1] || match[2] || Number.isSafeInteger(number) ? number : BigInt(match[0]);
  }

  array(depth) {
    const items = [];
    this.expect('[');
    if (this.take(']')) return items;
    do items.push(this.value(depth + 1));
    while (this.take(','));
    this.expect(']');
    return items;
  }

  object(depth) {
    const fields = new Map();
    this.expect('{');
    if (this.take('}')) return fields;
    do {
      this.space();
      if (this.source[this.at] !== '"') this.fail();
      const key = this.string();
      this.expect(':');
      const value = this.value(depth + 1);
      if (this.once && fields.has(key)) this.fail();
      fields.set(key, value);
    } while (this.take(','));
    this.expect('}');
    return fields;
  }
}

// The value of a text, objects as maps; an error when it is not JSON. `once`: no key may stand twice.
export function parse(source, once = false) {
  const reader = new Reader(source, once);
  const value = reader.value(0);
  reader.space();
  if (reader.at < source.length) reader.fail();
  return value;
}

// Maps as objects, for showing and for comparing.
export function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
  return typeof value === 'bigint' && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
