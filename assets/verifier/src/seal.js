// The seal: signatures of a PDF found by their byte ranges, without parsing the file, and whether the policy believes the last.
import { FOUND, EXPIRED, NOT_YET, path } from './anchors.js';
import { algorithm, only } from './asn1.js';
import { fromHex, latin1 } from './bytes.js';
import { check, envelope } from './cms.js';
import { absent, failed, ok } from './report.js';

const MOST = 64;
const LARGEST_GAP = 8 * 1024 * 1024;
const AROUND = 8 * 1024;
const DATA = '1.2.840.113549.1.7.1';
const RSA = '1.2.840.113549.1.1.1';

// The finding `seal`; who sealed is added to the facts.
export async function seal(pdf, policy, now, facts) {
  const signatures = await all(pdf);
  const last = signatures.at(-1);
  if (!last) return absent('seal', 'the file is not sealed: the page is not bound to the rest');
  if (!signatures.every((one) => one.intact)) return failed('seal', 'not intact');
  if (last.end !== pdf.length) return failed('seal', 'bytes were added after the seal: the page is not bound to the rest');
  facts.sealed_by = last.own.commonName ?? 'an unnamed signer';
  const whole = `the whole file is sealed by ${facts.sealed_by}`;
  if (!policy?.seals) return absent('seal', `${whole}; ${policy ? 'the policy has no roots of seals' : 'no policy was given'}: nothing says who that is`);
  const doubts = await doubt(last, policy.seals, now);
  if (doubts.size === 0) return ok('seal', `${whole}; whether the certificate was revoked was not asked`);
  if (doubts.has('certificate expired')) return absent('seal', `${whole}; the certificate has expired and nothing shows that the seal is older`);
  return failed('seal', `${whole}, but the policy does not accept it: ${[...doubts].join(', ')}`);
}

async function doubt({ own, others, reasons }, anchors, now) {
  const doubts = new Set(reasons);
  const found = await path(anchors, own, others, now);
  if (found !== FOUND) {
    const outOfDates = { [EXPIRED]: 'certificate expired', [NOT_YET]: 'certificate not yet valid' }[found];
    doubts.add(outOfDates ?? `path ${found}`);
    if (!outOfDates && now >= own.to + 1000) doubts.add('certificate expired');
  }
  if (own.usage !== undefined && (own.usage & 0xc0) === 0) doubts.add('key usage');
  if (shortKey(own.spki)) doubts.add('key weak');
  return doubts;
}

function shortKey(spki) {
  const [kind, bits] = only(spki)?.children ?? [];
  if (algorithm(kind)?.id !== RSA) return false;
  const modulus = only(bits.body.subarray(1))?.children[0]?.body ?? new Uint8Array();
  const digits = modulus.subarray(modulus.findIndex((byte) => byte !== 0));
  return digits.length * 8 - Math.clz32(digits[0]) + 24 < 1900;
}

// Every signature, in the order in which they cover the file.
async function all(pdf) {
  const whole = latin1(pdf);
  const places = new Map();
  let at = -1;
  for (let count = 0; count < MOST && (at = whole.indexOf('/ByteRange', at + 1)) >= 0; count += 1) {
    const numbers = /^\s*\[\s*([0-9]{1,15})\s+([0-9]{1,15})\s+([0-9]{1,15})\s+([0-9]{1,15})\s*\]/.exec(whole.slice(at + 10, at + 266));
    if (numbers && !places.has(numbers[0])) places.set(numbers[0], [at, ...numbers.slice(1).map(Number)]);
  }
  const found = [];
  for (const place of places.values()) {
    const one = await signature(pdf, whole, place);
    if (one) found.push(one);
  }
  return found.sort((a, b) => a.covered - b.covered);
}

async function signature(pdf, whole, [at, start, before, after, rest]) {
  const end = after + rest;
  const broken = { covered: end, end, intact: false };
  // Exactly one hexadecimal string may be left out.
  const inside = start === 0 && end <= pdf.length && after - before >= 2 && after - before <= LARGEST_GAP;
  const [, digits] = (inside && /^<([0-9A-Fa-f\s]*)>$/.exec(whole.slice(before, after))) || [];
  const contents = digits === undefined ? undefined : fromHex(digits.replace(/\s/g, '').toLowerCase());
  if (!contents) return broken;
  const subFilter = dictionary(whole, at, before, after);
  if (subFilter === 'ETSI.RFC3161') return undefined;
  if (!['ETSI.CAdES.detached', 'adbe.pkcs7.detached'].includes(subFilter)) return broken;
  const read = envelope(contents);
  if (!read || read.content) return broken;
  const covered = new Uint8Array(before + rest);
  covered.set(pdf.subarray(0, before));
  covered.set(pdf.subarray(after, end), before);
  const digest = async (hash) => new Uint8Array(await crypto.subtle.digest(hash, covered));
  return { ...(await check(read, DATA, digest, subFilter === 'ETSI.CAdES.detached')), covered: end, end };
}

// The kind of signature that the dictionary around the byte range names, the gap left out.
function dictionary(whole, at, before, after) {
  const head = whole.slice(Math.max(0, Math.min(at, before) - AROUND), before);
  const tail = whole.slice(after, Math.max(at, after) + AROUND);
  const object = head.slice(Math.max(0, head.lastIndexOf(' obj'))) + tail.split('endobj')[0];
  return /\/SubFilter(?![A-Za-z0-9])\s*\/([^\s/<>[\]()]*)/.exec(object)?.[1];
}
