// Bytes and the few texts that every format here shares, each in its only spelling.
import { sha256 as hash } from '@noble/hashes/sha2.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export const sha256 = (...pieces) => {
  const running = hash.create();
  for (const piece of pieces) running.update(piece);
  return running.digest();
};
export const utf8 = (text) => encoder.encode(text);

// The text of UTF-8 bytes; undefined when they are not.
export function text(bytes) {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

// One character for each byte: for searching, never for showing.
export function latin1(bytes, from = 0, to = bytes.length) {
  let out = '';
  for (let at = from; at < to; at += 0x8000) out += String.fromCharCode(...bytes.subarray(at, Math.min(to, at + 0x8000)));
  return out;
}
export const fromLatin1 = (string) => Uint8Array.from(string, (c) => c.charCodeAt(0));

export function concat(...pieces) {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

export const equal = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
export const fromHex = (string) => (/^([0-9a-f]{2})*$/.test(string) ? Uint8Array.from(string.match(/../g) ?? [], (two) => parseInt(two, 16)) : undefined);

export const base64 = (bytes) => btoa(latin1(bytes));

// Standard alphabet, padded, no stray bits: one text for one byte string.
export function fromBase64(string) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(string)) return undefined;
  const raw = atob(string);
  return btoa(raw) === string ? fromLatin1(raw) : undefined;
}

// Exactly so many bytes in base64.
export function sized(string, size) {
  const bytes = fromBase64(string);
  return bytes?.length === size ? bytes : undefined;
}

// A decimal without sign or leading zeroes, below 2^64.
export function decimal(string) {
  if (!/^(?:0|[1-9][0-9]{0,19})$/.test(string)) return undefined;
  const number = BigInt(string);
  return number < 1n << 64n ? number : undefined;
}

// By code points, as bytes of UTF-8 sort; JavaScript sorts by UTF-16.
export function order(a, b) {
  const [x, y] = [utf8(a), utf8(b)];
  for (let at = 0; at < Math.min(x.length, y.length); at += 1) if (x[at] !== y[at]) return x[at] - y[at];
  return x.length - y.length;
}
