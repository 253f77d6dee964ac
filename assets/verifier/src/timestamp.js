// Time stamps (RFC 3161): what a token says, whether it holds, and whether anybody vouches for its authority.
import { algorithm, only, time } from './asn1.js';
import { EXPIRED, FOUND, path } from './anchors.js';
import { equal, hex } from './bytes.js';
import { check, envelope } from './cms.js';
import { hashOf } from './verify-raw.js';

const LONGEST = 256 * 1024;
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
export const [TRUSTED, OUTDATED, UNKNOWN, NOT_ASKED] = ['trusted', 'expired', 'unknown', 'not-asked'];

// A token over a SHA-256: its time and accuracy in milliseconds, its authority and who trusts it; an error when it does not hold.
export async function verify(token, sha256, now, anchors) {
  const read = token.length <= LONGEST ? envelope(token) : undefined;
  const said = read?.end === token.length && read.contentType === TST_INFO && read.content ? info(read.content) : undefined;
  if (!said) throw new Error('not a time stamp of RFC 3161');
  if (hashOf(said.hash) !== 'SHA-256' || !equal(said.imprint, sha256)) throw new Error('the time stamp is over something else');
  const { intact, own, others, reasons } = await check(read, TST_INFO, (hash) => digest(hash, read.content), true);
  if (!own || [...reasons].some((reason) => reason.includes('certificate'))) throw new Error('the time stamp does not name the certificate that signed it');
  if (!intact || reasons.has('digest weak')) throw new Error('the signature of the time stamp does not hold');
  if (!own.timeStamping) throw new Error('the certificate is not for time-stamping alone');
  if (said.at < own.from || said.at >= own.to + 1000) throw new Error('the certificate was not valid at the time of the stamp');
  return { at: said.at, accuracy: said.accuracy, authority: own.commonName ?? own.organization ?? 'an unnamed authority', trust: await trust(own, others, said.at, now, anchors) };
}

const digest = async (hash, bytes) => new Uint8Array(await crypto.subtle.digest(hash, bytes));

async function trust(own, others, at, now, anchors) {
  if (!anchors) return NOT_ASKED;
  const chain = [own, ...others.filter((one) => one.key !== own.key)].slice(0, 12);
  const [then, since] = [await path(anchors, own, chain, at), await path(anchors, own, chain, now)];
  if (then !== FOUND) return UNKNOWN;
  return { [FOUND]: TRUSTED, [EXPIRED]: OUTDATED }[since] ?? UNKNOWN;
}

function info(content) {
  try {
    return fields(content);
  } catch {
    return undefined;
  }
}

function fields(content) {
  const [version, policy, imprint, serial, at, ...rest] = [only(content)].filter((one) => one.tag === 0x30)[0].children;
  if (hex(version.body) !== '01' || version.tag !== 0x02 || !policy.oid || serial.tag !== 0x02 || imprint.children.length !== 2) return undefined;
  const accuracy = rest[0]?.tag === 0x30 ? milliseconds(rest.shift().children) : 0;
  for (const tag of [0x01, 0x02, 0xa0, 0xa1]) if (rest[0]?.tag === tag) rest.shift();
  const found = { hash: algorithm(imprint.children[0])?.id, imprint: imprint.children[1].body, at: roundedUp(at), accuracy };
  return rest.length === 0 && found.at !== undefined && accuracy !== undefined ? found : undefined;
}

// A stamp is an upper bound: a fraction of a millisecond counts as a whole one.
function roundedUp(element) {
  const whole = element.tag === 0x18 ? time(element) : undefined;
  const [, fraction] = /\.(.*)$/.exec(String.fromCharCode(...element.body)) ?? [];
  if (whole === undefined || fraction === undefined) return whole;
  const [, digits] = /^([0-9]{1,9})Z$/.exec(fraction) ?? [];
  return digits && whole + Math.ceil(Number(digits.padEnd(9, '0')) / 1e6);
}

function milliseconds(parts) {
  let sum = 0;
  for (const [tag, unit] of [[0x02, 1000], [0x80, 1], [0x81, 0.001]]) {
    if (parts[0]?.tag !== tag) continue;
    const { body } = parts.shift();
    if (body.length === 0 || body.length > 4 || body[0] & 0x80) return undefined;
    sum += Math.ceil(parseInt(hex(body), 16) * unit);
  }
  return parts.length === 0 ? sum : undefined;
}
