// ASN.1 in BER, read only as deep as is asked: a certificate that nobody needs may be broken without harm to what stands beside it.
// (Libraries read a structure whole, and refuse it whole.) What is malformed throws.
const DEEPEST = 32;
const MOST_CHILDREN = 20000;

const malformed = () => {
  throw new Error('a structure of ASN.1 is malformed');
};

// Where the contents of the element at `at` begin and end, and where it ends itself.
function header(bytes, at, limit) {
  if (at + 2 > limit) malformed();
  const tag = bytes[at];
  if ((tag & 0x1f) === 0x1f) malformed();
  const first = bytes[at + 1];
  if (first < 0x80) return { tag, from: at + 2, to: at + 2 + first };
  if (first === 0x80) return { tag, from: at + 2 };
  const digits = first & 0x7f;
  if (digits > 6 || at + 2 + digits > limit) malformed();
  const length = bytes.subarray(at + 2, at + 2 + digits).reduce((sum, byte) => sum * 256 + byte, 0);
  return { tag, from: at + 2 + digits, to: at + 2 + digits + length };
}

export class Element {
  constructor(bytes, at, limit, depth = 0) {
    if (depth > DEEPEST) malformed();
    const { tag, from, to } = header(bytes, at, limit);
    Object.assign(this, { bytes, at, tag, from, depth });
    this.to = to ?? this.openEnd(limit);
    this.end = to ?? this.to + 2;
    if (this.end > limit) malformed();
  }

  // The end of contents that say no length: two zero octets after whole elements.
  openEnd(limit) {
    if (!(this.tag & 0x20)) malformed();
    let at = this.from;
    for (let count = 0; !(this.bytes[at] === 0 && this.bytes[at + 1] === 0); count += 1) {
      if (count > MOST_CHILDREN) malformed();
      at = new Element(this.bytes, at, limit, this.depth + 1).end;
    }
    return at;
  }

  // Identifier, length and contents.
  get raw() {
    return this.bytes.subarray(this.at, this.end);
  }

  // Contents; of an octet string in pieces, those of the pieces.
  get body() {
    if (this.tag !== 0x24) return this.bytes.subarray(this.from, this.to);
    const pieces = this.children.map((piece) => [...piece.body]);
    return Uint8Array.from(pieces.flat());
  }

  get children() {
    if (!(this.tag & 0x20)) return [];
    const found = [];
    for (let at = this.from; at < this.to; at = found.at(-1).end) {
      if (found.length > MOST_CHILDREN) malformed();
      found.push(new Element(this.bytes, at, this.to, this.depth + 1));
    }
    return found;
  }

  // The first child of this tag, when there is one.
  child(tag) {
    return this.children.find((inner) => inner.tag === tag);
  }

  // An object identifier, as dotted numbers.
  get oid() {
    if (this.tag !== 0x06 || this.body.length === 0) return undefined;
    const arcs = [0n];
    for (const byte of this.body) {
      arcs.push((arcs.pop() << 7n) | BigInt(byte & 0x7f));
      if (!(byte & 0x80)) arcs.push(0n);
    }
    const [both, ...rest] = arcs.slice(0, -1);
    const first = both < 80n ? both / 40n : 2n;
    return [first, both - first * 40n, ...rest].join('.');
  }
}

// The element at the start of some bytes; undefined when there is none.
export function read(bytes) {
  try {
    return new Element(bytes, 0, bytes.length);
  } catch {
    return undefined;
  }
}

// The element that bytes are, with nothing after it.
export function only(bytes) {
  const element = read(bytes);
  return element?.end === bytes.length ? element : undefined;
}

// Identifier of an algorithm, and its parameters.
export function algorithm(element) {
  const [id, parameters] = element?.tag === 0x30 ? element.children : [];
  return id?.oid ? { id: id.oid, parameters } : undefined;
}

// UTCTime or GeneralizedTime in milliseconds. A fraction of a second is dropped.
export function time(element) {
  const years = new Map([[0x17, 2], [0x18, 4]]).get(element?.tag);
  const form = years && new RegExp(`^(\\d{${years}})(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)?(?:[.,]\\d*)?(?:Z|([+-])(\\d\\d)(\\d\\d))$`);
  const found = form && form.exec(String.fromCharCode(...element.body.subarray(0, 64)));
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((digits) => Number(digits ?? 0));
  const full = years === 4 ? year : year + (year < 50 ? 2000 : 1900);
  const at = Date.UTC(full, month - 1, day, hour, minute, Math.min(second, 59));
  const civil = new Date(at);
  if (civil.getUTCMonth() !== month - 1 || civil.getUTCDate() !== day || hour > 23 || minute > 59) return undefined;
  const offset = found[7] ? (Number(found[8]) * 60 + Number(found[9])) * 60000 * (found[7] === '-' ? -1 : 1) : 0;
  return at - offset;
}
