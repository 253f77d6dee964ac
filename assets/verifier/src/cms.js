// Signed data of CMS (RFC 5652) with one signer, and the rules of CAdES on it.
import { algorithm, read as element } from './asn1.js';
import { equal, hex } from './bytes.js';
import { read as certificate } from './certificate.js';
import { fits, hashOf, meaning } from './verify-raw.js';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, PROTECTION] = ['1.2.840.113549.1.9.3', '1.2.840.113549.1.9.4', '1.2.840.113549.1.9.5', '1.2.840.113549.1.9.52'];
const [CERTIFICATE_V1, CERTIFICATE_V2, CONTENT_STAMP] = ['1.2.840.113549.1.9.16.2.12', '1.2.840.113549.1.9.16.2.47', '1.2.840.113549.1.9.16.2.20'];
const MOST_CERTIFICATES = 512;

// An envelope at the start of some bytes; undefined when there is none with exactly one signer.
export function envelope(bytes) {
  try {
    const outer = element(bytes);
    const [type, explicit, ...more] = tagged(outer, 0x30).children;
    if (type.oid !== SIGNED_DATA || more.length > 0) return undefined;
    const [signed, ...others] = tagged(explicit, 0xa0).children;
    const fields = tagged(signed, 0x30).children;
    [0x02, 0x31, 0x30].forEach((tag, at) => tagged(fields[at], tag));
    if (others.length > 0) return undefined;
    const [contentType, content] = fields[2].children;
    const signers = fields.at(-1);
    if (signers.tag !== 0x31 || signers.children.length !== 1) return undefined;
    const certificates = (fields.find((one) => one.tag === 0xa0)?.children ?? []).slice(0, MOST_CERTIFICATES);
    return {
      end: outer.end,
      contentType: contentType.oid,
      content: content && content.children[0].body,
      certificates: certificates.map((one) => certificate(one.raw.slice())).filter(Boolean),
      signer: signers.children[0],
    };
  } catch {
    return undefined;
  }
}

const tagged = (one, tag) => {
  if (one?.tag !== tag) throw new Error('a structure of CMS is malformed');
  return one;
};

function signerInfo(structure) {
  const fields = tagged(structure, 0x30).children;
  const [, identifier, digest, next] = fields;
  const signed = next.tag === 0xa0 ? next : undefined;
  const [how, signature] = fields.slice(signed ? 4 : 3);
  return { identifier, digest: algorithm(digest).id, signed, algorithm: algorithm(how), signature: signature.body };
}

// Attributes by type: the values of each time it stands there.
function attributes(signed) {
  const all = new Map();
  for (const one of signed.children) {
    const [id, values] = one.children;
    all.set(id.oid, [...(all.get(id.oid) ?? []), values.children]);
  }
  return all;
}

const single = (all, id) => {
  const [first, ...more] = all.get(id) ?? [];
  return more.length === 0 && first?.length === 1 ? first[0] : undefined;
};

// Checks the one signer. `digest` gives the content's digest by the name of a hash; `strict`: the signing certificate must be named.
// Answers with `intact`, with reasons to doubt, and with the signer's certificate.
export async function check(read, contentType, digest, strict) {
  const reasons = new Set();
  try {
    return { ...(await signer(read, contentType, digest, strict, reasons)), reasons };
  } catch {
    return { intact: false, reasons: reasons.add('malformed') };
  }
}

async function signer(read, contentType, digest, strict, reasons) {
  const info = signerInfo(read.signer);
  const own = read.certificates.find((one) => isOf(info.identifier, one));
  if (!own) reasons.add('certificate missing');
  if (!info.signed) return { intact: false, own };
  const all = attributes(info.signed);
  let intact = shaped(all, contentType, info);
  const hash = hashOf(info.digest);
  const said = single(all, MESSAGE_DIGEST);
  const actual = hash && (await digest(hash));
  intact &&= Boolean(actual && said?.tag === 0x04 && equal(said.body, actual));
  const how = meaning(info.algorithm, hash);
  const sameHash = how?.name === 'Ed25519' || how?.name === 'RSA-PSS' || how?.hash === hash;
  intact &&= Boolean(own && sameHash) && (await fits(own.spki, how, signedBytes(info.signed), info.signature)) === true;
  await names(all, own, strict, reasons);
  if ([hash, how?.hash].includes('SHA-1')) reasons.add('digest weak');
  return { intact, own, others: read.certificates, claimed: single(all, SIGNING_TIME) };
}

function isOf(identifier, one) {
  if (identifier.tag === 0x80) return one.keyIdentifier === hex(identifier.body);
  const [issuer, serial] = identifier.children;
  // Byte for byte: whoever signed named the certificate as it is written.
  return equal(one.issuerDer, issuer.raw) && equal(one.serial, serial.body);
}

function shaped(all, contentType, info) {
  const may = new Set([CONTENT_STAMP, CERTIFICATE_V1, CERTIFICATE_V2]);
  const repeated = [...all].some(([id, found]) => found.length > 1 && !may.has(id));
  const wrong = [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, PROTECTION].some((id) => all.has(id) && !single(all, id));
  if (repeated || wrong || single(all, CONTENT_TYPE)?.oid !== contentType || !single(all, MESSAGE_DIGEST)) return false;
  const protection = single(all, PROTECTION);
  if (!protection) return true;
  const [digest, signature] = [protection.children[0], protection.child(0xa1)];
  return algorithm(digest)?.id === info.digest && signature?.children[0]?.oid === info.algorithm.id;
}

// A SET OF in the order of DER, whatever the order of the file.
function signedBytes(signed) {
  const parts = signed.children.map((one) => one.raw).sort((a, b) => (hex(a) < hex(b) ? -1 : 1));
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const digits = size < 128 ? [size] : [0x80 | Math.ceil(Math.log2(size + 1) / 8), ...fromNumber(size)];
  const out = new Uint8Array(1 + digits.length + size);
  out.set([0x31, ...digits]);
  let at = 1 + digits.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const fromNumber = (number) => (number < 256 ? [number] : [...fromNumber(Math.floor(number / 256)), number % 256]);

// The attribute by which a signer says which certificate is his.
async function names(all, own, strict, reasons) {
  const named = [CERTIFICATE_V1, CERTIFICATE_V2].flatMap((id) => (all.get(id) ?? []).flat().map((value) => [id === CERTIFICATE_V2, value]));
  if (named.length > 1) reasons.add('signing certificate twice');
  if (named.length === 0 && strict) reasons.add('signing certificate missing');
  if (named.length !== 1 || !own) return;
  const [second, value] = named[0];
  const fields = value.children[0].children[0].children;
  const given = fields[0].tag === 0x30 ? hashOf(algorithm(fields.shift()).id) : undefined;
  const hash = second ? (given ?? 'SHA-256') : 'SHA-1';
  const [digest, issuerSerial] = fields;
  const same = equal(digest.body, new Uint8Array(await crypto.subtle.digest(hash, own.der)));
  const serial = !issuerSerial || equal(issuerSerial.children[1].body, own.serial);
  if (!same || !serial) reasons.add('signing certificate differs');
}

