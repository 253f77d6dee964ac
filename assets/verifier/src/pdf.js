// A PDF, as far as its attachments ask (ISO 32000-2): the newest cross references, the catalogue, the name tree, the streams.
// Bounded everywhere; what is broken in a way that no receipt is gets an error, never a guess.
import { begin, bytesOf, Parser, Ref, Stream, stringOf } from './pdf-objects.js';
import { recovered, references } from './pdf-references.js';
import { inflate } from './inflate.js';

const LARGEST_FILE = 256 << 20;
const LARGEST_STREAM = 64 << 20;
const MOST = 1000;
const DEEPEST = 32;

// The files inside, in the order of the name tree: name and bytes.
export async function attachments(pdf) {
  if (pdf.length > LARGEST_FILE) throw new Error('the file is too large');
  begin();
  const document = await Document.open(pdf);
  if (document.trailer.has('Encrypt')) throw new Error('the receipt cannot be read: the file needs a password');
  const out = [];
  let room = LARGEST_FILE;
  for (const specification of await document.specifications()) {
    const found = await document.embedded(specification, Math.min(room, LARGEST_STREAM));
    if (!found) continue;
    room -= found.bytes.length;
    if (room < 0) throw new Error('the file carries too much');
    out.push(found);
  }
  return out;
}

class Document {
  static async open(pdf) {
    if (!bytesOf(pdf.subarray(0, 1024)).includes('%PDF-')) throw new Error('the receipt cannot be read: it is no PDF');
    const document = new Document();
    Object.assign(document, { pdf, packed: new Map() });
    try {
      Object.assign(document, await references(pdf));
      await document.catalogue();
    } catch {
      Object.assign(document, await recovered(pdf));
    }
    return document;
  }

  // The object that a reference leads to; null when it leads nowhere.
  async resolve(object) {
    let found = object;
    for (let depth = 0; found instanceof Ref; depth += 1) {
      if (depth > DEEPEST) throw new Error('references lead in a circle');
      found = await this.object(found);
    }
    return found ?? null;
  }

  async object(ref) {
    const place = this.places.get(ref.number);
    if (!place) return null;
    if (place.inside !== undefined) return (await this.unpacked(place.inside)).get(ref.number) ?? null;
    const parser = new Parser(this.pdf, place.at);
    const { number, value } = parser.indirect();
    if (number !== ref.number) return null;
    if (value instanceof Stream && value.dictionary.get('Length') instanceof Ref) value.length = await this.resolve(value.dictionary.get('Length'));
    return value;
  }

  // The objects in an object stream (ISO 32000-2, 7.5.7).
  async unpacked(number) {
    if (!this.packed.has(number)) {
      const stream = await this.object(new Ref(number, 0));
      if (!(stream instanceof Stream)) throw new Error('an object stream is none');
      this.packed.set(number, await unpack(stream, await inflate(this.pdf, stream, LARGEST_STREAM)));
    }
    return this.packed.get(number);
  }

  async get(dictionary, key) {
    return this.resolve(dictionary instanceof Map ? dictionary.get(key) : null);
  }

  async catalogue() {
    const catalogue = await this.get(this.trailer, 'Root');
    if (!(catalogue instanceof Map)) throw new Error('the receipt cannot be read: there is no catalogue');
    return catalogue;
  }

  // File specifications of the name tree, then those only in `/AF`, each once.
  async specifications() {
    const catalogue = await this.catalogue().catch(() => new Map());
    const [found, seen] = [[], new Set()];
    const keep = async (object) => {
      if (object instanceof Ref) {
        if (seen.has(object.number)) return;
        seen.add(object.number);
      }
      if (found.length >= MOST) throw new Error('the file carries too much');
      const specification = await this.resolve(object);
      if (specification instanceof Map && specification.has('EF')) found.push(specification);
    };
    const waiting = [[await this.get(await this.get(catalogue, 'Names'), 'EmbeddedFiles'), 0]];
    for (let nodes = 1; waiting.length > 0; nodes += 1) {
      const [object, depth] = waiting.pop();
      if (depth > DEEPEST || nodes > 10 * MOST) throw new Error('the file carries too much');
      const node = await this.resolve(object);
      const names = await this.get(node, 'Names');
      for (const [at, one] of Array.isArray(names) ? names.entries() : []) if (at % 2 === 1) await keep(one);
      const kids = await this.get(node, 'Kids');
      if (Array.isArray(kids)) waiting.push(...kids.map((kid) => [kid, depth + 1]).reverse());
    }
    const associated = await this.get(catalogue, 'AF');
    for (const one of Array.isArray(associated) ? associated : []) await keep(one);
    return found;
  }

  async embedded(specification, limit) {
    const files = await this.get(specification, 'EF');
    const first = async (dictionary, accept) => {
      for (const key of ['UF', 'F']) {
        const found = accept(await this.get(dictionary, key));
        if (found !== undefined) return found;
      }
      return undefined;
    };
    const stream = await first(files, (one) => (one instanceof Stream ? one : undefined));
    if (!stream) return undefined;
    return { name: (await first(specification, stringOf)) ?? '', bytes: await inflate(this.pdf, stream, limit) };
  }
}

async function unpack(stream, bytes) {
  const [count, first] = [stream.dictionary.get('N'), stream.dictionary.get('First')];
  if (!(count >= 0 && count <= 100000 && first >= 0)) throw new Error('an object stream is none');
  const head = new Parser(bytes, 0);
  const objects = new Map();
  const places = Array.from({ length: count }, () => [head.value(), head.value()]);
  for (const [number, at] of places) objects.set(number, new Parser(bytes, first + at).value());
  return objects;
}
