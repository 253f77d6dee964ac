// Where the objects of a PDF lie (ISO 32000-2, 7.5.4 and 7.5.8): tables and streams of cross references, the newest first. Where they
// are broken the objects are found by their heads.
import { latin1 } from './bytes.js';
import { inflate } from './inflate.js';
import { Parser, Stream } from './pdf-objects.js';

const MOST_SECTIONS = 200;
const MOST_TRAILERS = 1000;
const MOST_OBJECTS = 2000000;
const LARGEST = 64 << 20;

// `places` by number, and the newest trailer.
export async function references(pdf) {
  const tail = latin1(pdf, Math.max(0, pdf.length - 1024));
  const [, start] = /startxref\s+([0-9]{1,12})\s+%%EOF/.exec(tail.slice(Math.max(0, tail.lastIndexOf('startxref')))) ?? [];
  if (start === undefined) throw new Error('the receipt cannot be read: where its objects lie is not said');
  const places = new Map();
  const [waiting, seen] = [[Number(start)], new Set()];
  let trailer;
  while (waiting.length > 0) {
    const at = waiting.shift();
    if (seen.has(at)) continue;
    if (seen.size > MOST_SECTIONS) throw new Error('the receipt cannot be read: too many revisions');
    seen.add(at);
    const read = await section(pdf, at, places);
    trailer ??= read;
    for (const key of ['XRefStm', 'Prev']) if (Number.isInteger(read.get(key))) waiting.push(read.get(key));
  }
  return { places, trailer };
}

const section = (pdf, at, places) => {
  const parser = new Parser(pdf, at);
  return parser.take('xref') ? table(parser, places) : stream(pdf, parser, places);
};

function table(parser, places) {
  for (;;) {
    const first = parser.word();
    if (first === 'trailer') break;
    const count = Number(parser.word());
    if (!/^[0-9]+$/.test(first) || !(count <= MOST_OBJECTS)) parser.fail('a table of cross references is malformed');
    for (let n = 0; n < count; n += 1) {
      const [at, , kind] = [parser.word(), parser.word(), parser.word()];
      if (!/^[0-9]{1,12}$/.test(at) || !['n', 'f'].includes(kind)) parser.fail('a table of cross references is malformed');
      keep(places, Number(first) + n, kind === 'n' ? { at: Number(at) } : null);
    }
  }
  const trailer = parser.value();
  if (!(trailer instanceof Map)) parser.fail('there is no trailer');
  return trailer;
}

// What is newer was read before.
function keep(places, number, place) {
  if (places.size >= MOST_OBJECTS) throw new Error('the receipt cannot be read: too many objects');
  if (!places.has(number)) places.set(number, place);
}

async function stream(pdf, parser, places) {
  const { value } = parser.indirect();
  const dictionary = value instanceof Stream ? value.dictionary : new Map();
  const widths = dictionary.get('W');
  if (!Array.isArray(widths) || widths.length !== 3 || !widths.every((one) => one >= 0 && one <= 8)) parser.fail('a stream of cross references is malformed');
  const bytes = await inflate(pdf, value, LARGEST);
  const ranges = dictionary.get('Index') ?? [0, dictionary.get('Size')];
  const width = widths.reduce((sum, one) => sum + one, 0);
  let at = 0;
  for (let pair = 0; pair + 1 < ranges.length; pair += 2) {
    for (let n = 0; n < ranges[pair + 1] && at + width <= bytes.length && width > 0; n += 1) {
      const fields = widths.map((size) => {
        const number = bytes.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0);
        at += size;
        return number;
      });
      const kind = widths[0] === 0 ? 1 : fields[0];
      keep(places, ranges[pair] + n, { 1: { at: fields[1] }, 2: { inside: fields[1] } }[kind] ?? null);
    }
  }
  return dictionary;
}

// Every `12 0 obj` that stands in the file, the last of a number counting, and the last trailer that names a catalogue.
export async function recovered(pdf) {
  const whole = latin1(pdf);
  const places = new Map();
  for (const found of whole.matchAll(/(?<![0-9])([0-9]{1,10})[ \t\r\n]+[0-9]{1,5}[ \t\r\n]+obj\b/g)) {
    if (places.size < MOST_OBJECTS) places.set(Number(found[1]), { at: found.index });
  }
  let trailer;
  for (const found of [...whole.matchAll(/trailer/g)].slice(-MOST_TRAILERS)) {
    try {
      const read = new Parser(pdf, found.index + 7).value();
      if (read instanceof Map && read.has('Root')) trailer = read;
    } catch {
      // A word that only looks like one.
    }
  }
  if (!trailer || places.size === 0) throw new Error('the receipt cannot be read as PDF');
  return { places, trailer };
}
