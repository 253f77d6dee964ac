// Reads and checks cards as docs/card-format.md says: a second implementation, on WebCrypto. It asks nobody anything.

const PREFIX = 'PK1:';
const CHARS = 400;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

export class NotACard extends Error {}
export class Damaged extends Error {}

function base45(text) {
  const out = [];
  for (let at = 0; at < text.length; at += 3) {
    const piece = [...text.slice(at, at + 3)].map((c) => ALPHABET.indexOf(c));
    if (piece.length === 1 || piece.includes(-1)) throw new Damaged();
    const number = piece.reduceRight((sum, digit) => sum * 45 + digit, 0);
    if (number > (piece.length === 3 ? 0xffff : 0xff)) throw new Damaged();
    if (piece.length === 3) out.push(number >> 8);
    out.push(number & 0xff);
  }
  return Uint8Array.from(out);
}

// CBOR, the deterministic part that cards need. A map becomes a Map with numbers as keys, a tag an object.
function cbor(bytes) {
  let at = 0;
  const take = (count) => {
    if (at + count > bytes.length) throw new Damaged();
    at += count;
    return bytes.subarray(at - count, at);
  };
  const number = (small) => {
    if (small < 24) return small;
    if (small > 27) throw new Damaged();
    const value = take(1 << (small - 24)).reduce((sum, byte) => sum * 256 + byte, 0);
    const least = [24, 0x100, 0x10000, 0x100000000][small - 24];
    if (value < least || value > Number.MAX_SAFE_INTEGER) throw new Damaged();
    return value;
  };
  const item = (depth) => {
    if (depth === 0) throw new Damaged();
    const [first] = take(1);
    const value = number(first & 31);
    switch (first >> 5) {
      case 0: return value;
      case 1: return -1 - value;
      case 2: return take(value);
      case 3:
        try {
          return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(take(value));
        } catch {
          throw new Damaged();
        }
      case 4: {
        const items = [];
        for (let n = 0; n < value; n += 1) items.push(item(depth - 1));
        return items;
      }
      case 5: {
        const entries = new Map();
        let last = '';
        for (let n = 0; n < value; n += 1) {
          const from = at;
          const key = item(depth - 1);
          const written = [...bytes.subarray(from, at)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
          if (typeof key !== 'number' || (n > 0 && written <= last)) throw new Damaged();
          last = written;
          entries.set(key, item(depth - 1));
        }
        return entries;
      }
      case 6: return { tag: value, item: item(depth - 1) };
      default: throw new Damaged();
    }
  };
  const whole = item(6);
  if (at !== bytes.length) throw new Damaged();
  return whole;
}

function head(major, length) {
  if (length < 24) return [(major << 5) | length];
  return length < 256 ? [(major << 5) | 24, length] : [(major << 5) | 25, length >> 8, length & 0xff];
}

// Sig_structure of COSE: ["Signature1", protected, h'', payload].
function toSign(header, payload) {
  const context = new TextEncoder().encode('Signature1');
  return Uint8Array.from([
    ...head(4, 4), ...head(3, context.length), ...context,
    ...head(2, header.length), ...header, ...head(2, 0),
    ...head(2, payload.length), ...payload,
  ]);
}

const isBytes = (value, length) => value instanceof Uint8Array && (!length || value.length === length);
const isText = (value) => typeof value === 'string';
const must = (holds) => {
  if (!holds) throw new Damaged();
};

// A card, whose signature nobody has checked.
export function read(text) {
  if (!text.startsWith(PREFIX)) throw new NotACard();
  must(text.length <= CHARS);
  const whole = cbor(base45(text.slice(PREFIX.length)));
  must(whole.tag === 18 && Array.isArray(whole.item) && whole.item.length === 4);
  const [header, open, payload, signature] = whole.item;
  must(isBytes(header) && open instanceof Map && open.size === 0 && isBytes(payload) && isBytes(signature, 64));
  const headers = cbor(header);
  must(headers instanceof Map && headers.size === 2 && headers.get(1) === -7 && isBytes(headers.get(4), 8));
  const claims = cbor(payload);
  must(claims instanceof Map && claims.size === 4);
  const own = claims.get(-65537);
  must(own instanceof Map && [...own.keys()].every((key) => key >= 0 && key <= 5));
  const [values, status] = [own.get(3) ?? [], own.get(4)];
  must(isText(claims.get(1)) && Number.isInteger(claims.get(4)) && Number.isInteger(claims.get(5)));
  must(isText(own.get(0)) && isText(own.get(1)) && (!own.has(2) || isText(own.get(2))));
  must(Array.isArray(values) && values.every(isText) && (!own.has(3) || values.length > 0));
  must(Array.isArray(status) && status.length === 2 && status.every((n) => Number.isInteger(n) && n >= 0));
  must(!own.has(5) || isBytes(own.get(5), 16));
  return {
    issuer: claims.get(1),
    until: claims.get(4),
    from: claims.get(5),
    kind: own.get(0),
    number: own.get(1),
    name: own.get(2) ?? null,
    values,
    status,
    kid: base64url(headers.get(4)),
    signed: toSign(header, payload),
    signature,
  };
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function unbase64(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}

const parse = (part) => JSON.parse(new TextDecoder().decode(unbase64(part)));
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ES256 = { name: 'ECDSA', hash: 'SHA-256' };
const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

// The SubjectPublicKeyInfo of a certificate: the seventh thing in it, or the sixth where no version is said.
function publicKeyOf(certificate) {
  const element = (at) => {
    let [length, body] = [certificate[at + 1], at + 2];
    if (length & 0x80) {
      const octets = length & 0x7f;
      length = certificate.subarray(body, body + octets).reduce((sum, byte) => sum * 256 + byte, 0);
      body += octets;
    }
    return { tag: certificate[at], body, end: body + length };
  };
  let at = element(element(0).body).body;
  for (let skip = element(at).tag === 0xa0 ? 6 : 5; skip > 0; skip -= 1) at = element(at).end;
  return certificate.subarray(at, element(at).end);
}

function token(text, typ) {
  const [header, content, signature, ...more] = text.trim().split('.');
  const head = parse(header);
  if (more.length || head.typ !== typ) throw new Damaged();
  const signed = new TextEncoder().encode(`${header}.${content}`);
  return { head, content: parse(content), signed, signature: unbase64(signature) };
}

// The keys of an issuer, whose seal is checked; `at` is when the document was made.
export async function openKeys(text) {
  const { head, content, signed, signature } = token(text, 'plico-card-keys+jwt');
  const keys = new Map();
  for (const jwk of content.keys) {
    keys.set(jwk.kid, await crypto.subtle.importKey('jwk', jwk, P256, false, ['verify']));
  }
  let [key, how] = [keys.get(head.kid), ES256];
  if (head.x5c) {
    how = head.alg === 'RS256' ? RS256 : ES256;
    const spki = publicKeyOf(unbase64(head.x5c[0]));
    key = await crypto.subtle.importKey('spki', spki, how === RS256 ? RS256 : P256, false, ['verify']);
  }
  if (!key || !(await crypto.subtle.verify(how, key, signature, signed))) throw new Damaged();
  return { issuer: content.iss, name: content.name, at: content.iat, types: content.types, keys };
}

// A status list, signed by one of those keys.
export async function openStatus(text, { keys }) {
  const { head, content, signed, signature } = token(text, 'statuslist+jwt');
  const key = keys.get(head.kid);
  if (!key || !(await crypto.subtle.verify(ES256, key, signature, signed))) throw new Damaged();
  const { bits, lst } = content.status_list;
  if (bits !== 2) throw new Damaged();
  const stream = new Blob([unbase64(lst)]).stream().pipeThrough(new DecompressionStream('deflate'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return { at: content.iat, exp: content.exp, bytes };
}

// How a card stands at `now` (seconds): the same words, in the same order, as crates/card/src/verify.rs.
export async function standing(card, issuer, now) {
  const key = issuer?.keys.get(card.kid);
  if (!key) return 'unknown-key';
  const signs = await crypto.subtle.verify(ES256, key, card.signature, card.signed);
  if (!signs || card.issuer !== issuer.issuer) return 'forged';
  const [list, index] = card.status;
  const kept = list === 0 ? issuer.status : null;
  const byte = kept?.bytes[Math.floor(index / 4)];
  const bits = byte === undefined ? null : (byte >> ((index % 4) * 2)) & 3;
  const fresh = kept && kept.exp > now;
  if (bits === 1 || bits === 3) return 'revoked';
  if (bits === 2 && fresh) return 'suspended';
  if (now >= card.until) return 'expired';
  if (now < card.from) return 'not-yet';
  return bits === 0 && fresh ? 'valid' : 'list-too-old';
}
