// Raw signatures by WebCrypto: what it does not know is `undefined`, neither good nor bad.
import { algorithm, only } from './asn1.js';
import { ed25519 } from './ed25519.js';

const HASHES = new Map([
  ['1.3.14.3.2.26', 'SHA-1'],
  ['2.16.840.1.101.3.4.2.1', 'SHA-256'],
  ['2.16.840.1.101.3.4.2.2', 'SHA-384'],
  ['2.16.840.1.101.3.4.2.3', 'SHA-512'],
]);
const SIGNATURES = new Map([
  ['1.2.840.113549.1.1.5', ['RSASSA-PKCS1-v1_5', 'SHA-1']],
  ['1.2.840.113549.1.1.11', ['RSASSA-PKCS1-v1_5', 'SHA-256']],
  ['1.2.840.113549.1.1.12', ['RSASSA-PKCS1-v1_5', 'SHA-384']],
  ['1.2.840.113549.1.1.13', ['RSASSA-PKCS1-v1_5', 'SHA-512']],
  ['1.2.840.10045.4.1', ['ECDSA', 'SHA-1']],
  ['1.2.840.10045.4.3.2', ['ECDSA', 'SHA-256']],
  ['1.2.840.10045.4.3.3', ['ECDSA', 'SHA-384']],
  ['1.2.840.10045.4.3.4', ['ECDSA', 'SHA-512']],
  ['1.3.101.112', ['Ed25519']],
]);
const CURVES = new Map([
  ['1.2.840.10045.3.1.7', ['P-256', 32]],
  ['1.3.132.0.34', ['P-384', 48]],
  ['1.3.132.0.35', ['P-521', 66]],
]);
const [RSA, EC, PSS] = ['1.2.840.113549.1.1.1', '1.2.840.10045.2.1', '1.2.840.113549.1.1.10'];

export const hashOf = (id) => HASHES.get(id);

// What an algorithm identifier means; `hash`: the content's, for those that do not name one.
export function meaning({ id, parameters }, hash) {
  if (id === RSA) return { name: 'RSASSA-PKCS1-v1_5', hash };
  if (id === EC) return { name: 'ECDSA', hash };
  if (id === PSS) return pss(parameters);
  const [name, own] = SIGNATURES.get(id) ?? [];
  return name && { name, hash: own };
}

function pss(parameters) {
  const field = (tag) => parameters?.child(tag)?.children[0];
  const [hash, mask, salt] = [field(0xa0), field(0xa1), field(0xa2)];
  const named = hash ? hashOf(algorithm(hash)?.id) : 'SHA-1';
  const inner = mask ? hashOf(algorithm(algorithm(mask)?.parameters)?.id) : 'SHA-1';
  // WebCrypto has one digest for both.
  return named && named === inner ? { name: 'RSA-PSS', hash: named, saltLength: salt ? Number(salt.body.reduce((sum, byte) => sum * 256 + byte, 0)) : 20 } : undefined;
}

// Whether a signature fits: true, false, or undefined when nobody here can tell.
export async function fits(spki, how, bytes, signature) {
  const kind = algorithm(only(spki)?.children[0]);
  if (!how || !kind) return undefined;
  try {
    if (how.name === 'Ed25519') return await ed25519(only(spki).children[1].body.subarray(1), bytes, signature);
    if (how.name === 'ECDSA') return await ecdsa(spki, kind, how, bytes, signature);
    const key = await crypto.subtle.importKey('spki', spki, { name: how.name, hash: how.hash }, false, ['verify']);
    return await crypto.subtle.verify({ name: how.name, saltLength: how.saltLength }, key, signature, bytes);
  } catch {
    return undefined;
  }
}

async function ecdsa(spki, kind, how, bytes, signature) {
  const [namedCurve, size] = CURVES.get(kind.parameters?.oid) ?? [];
  if (!namedCurve) return undefined;
  const pair = only(signature)?.children ?? [];
  if (pair.length !== 2 || !pair.every((one) => one.tag === 0x02)) return false;
  const fixed = new Uint8Array(2 * size);
  for (const [at, number] of pair.entries()) {
    const digits = number.body.subarray(number.body.findIndex((byte) => byte !== 0));
    if (digits.length > size || number.body[0] & 0x80) return false;
    fixed.set(digits, (at + 1) * size - digits.length);
  }
  const key = await crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve }, false, ['verify']);
  return crypto.subtle.verify({ name: 'ECDSA', hash: how.hash }, key, fixed, bytes);
}
