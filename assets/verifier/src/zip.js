// A ZIP read where it lies, entry by entry, never whole in memory.
import { latin1, text } from './bytes.js';

const MOST = 2000000;
const LARGEST_DIRECTORY = 512 << 20;
const [END, END64, LOCATOR, CENTRAL, LOCAL] = [0x06054b50, 0x06064b50, 0x07064b50, 0x02014b50, 0x04034b50];
const BROKEN = 'it is no ZIP, or a broken one';

const slice = async (blob, from, to) => {
  if (!(from >= 0 && to >= from && to <= blob.size)) throw new Error(BROKEN);
  return new Uint8Array(await blob.slice(from, to).arrayBuffer());
};
const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const long = (data, at) => Number(data.getBigUint64(at, true));

// The entries of a ZIP by name; an error when it is none or two have one name: two programs could see two dossiers.
export async function open(blob) {
  const { count, size, at } = await directory(blob);
  if (count > MOST || size > LARGEST_DIRECTORY) throw new Error(`it holds more than ${MOST} files`);
  const bytes = await slice(blob, at, at + size);
  const [data, entries] = [view(bytes), new Map()];
  for (let place = 0, n = 0; n < count; n += 1) {
    if (place + 46 > bytes.length || data.getUint32(place, true) !== CENTRAL) throw new Error(BROKEN);
    const [named, extra, comment] = [28, 30, 32].map((offset) => data.getUint16(place + offset, true));
    const end = place + 46 + named + extra + comment;
    if (end > bytes.length) throw new Error(BROKEN);
    const entry = one(bytes, data, place, named, extra);
    if (entries.has(entry.name)) throw new Error('two of its files have one name');
    entries.set(entry.name, entry);
    place = end;
  }
  return entries;
}

async function directory(blob) {
  const from = Math.max(0, blob.size - 65557);
  const tail = await slice(blob, from, blob.size);
  const data = view(tail);
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    if (data.getUint32(at, true) !== END || at + 22 + data.getUint16(at + 20, true) > tail.length) continue;
    // In several volumes, of which this is one: nobody makes such dossiers.
    if (data.getUint16(at + 4, true) !== data.getUint16(at + 6, true)) throw new Error(BROKEN);
    const found = { count: data.getUint16(at + 8, true), size: data.getUint32(at + 12, true), at: data.getUint32(at + 16, true) };
    const large = found.count === 0xffff || found.size === 0xffffffff || found.at === 0xffffffff;
    return large ? directory64(blob, tail, data, at - 20) : found;
  }
  throw new Error(BROKEN);
}

async function directory64(blob, tail, data, at) {
  if (at < 0 || data.getUint32(at, true) !== LOCATOR) throw new Error(BROKEN);
  const place = long(data, at + 8);
  const record = view(await slice(blob, place, place + 56));
  if (record.getUint32(0, true) !== END64) throw new Error(BROKEN);
  return { count: long(record, 32), size: long(record, 40), at: long(record, 48) };
}

function one(bytes, data, place, named, extra) {
  const raw = bytes.subarray(place + 46, place + 46 + named);
  const entry = {
    name: text(raw) ?? latin1(raw),
    flags: data.getUint16(place + 8, true),
    method: data.getUint16(place + 10, true),
    crc: data.getUint32(place + 16, true),
    packed: data.getUint32(place + 20, true),
    size: data.getUint32(place + 24, true),
    at: data.getUint32(place + 42, true),
  };
  for (let at = place + 46 + named; at + 4 <= place + 46 + named + extra; at += 4 + data.getUint16(at + 2, true)) {
    if (data.getUint16(at, true) !== 1) continue;
    let inner = at + 4;
    for (const field of ['size', 'packed', 'at']) {
      if (entry[field] !== 0xffffffff) continue;
      entry[field] = long(data, inner);
      inner += 8;
    }
  }
  return entry;
}

// Hands an entry's content over piece by piece; an error when it is not what the directory says.
export async function read(blob, entry, each) {
  const head = view(await slice(blob, entry.at, entry.at + 30));
  if (head.getUint32(0, true) !== LOCAL || entry.flags & 1) throw new Error(BROKEN);
  const from = entry.at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  if (from + entry.packed > blob.size) throw new Error(BROKEN);
  const packed = blob.slice(from, from + entry.packed).stream();
  if (![0, 8].includes(entry.method)) throw new Error('a file of it is packed in an unknown way');
  const reader = (entry.method === 8 ? packed.pipeThrough(new DecompressionStream('deflate-raw')) : packed).getReader();
  let crc = 0xffffffff;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    crc = sum(crc, value);
    try {
      each(value);
    } catch (error) {
      await reader.cancel();
      throw error;
    }
  }
  if (~crc >>> 0 !== entry.crc) throw new Error('its checksum in the ZIP differs');
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function sum(crc, bytes) {
  let value = crc;
  for (let at = 0; at < bytes.length; at += 1) value = TABLE[(value ^ bytes[at]) & 255] ^ (value >>> 8);
  return value;
}
