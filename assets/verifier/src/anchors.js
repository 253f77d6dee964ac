// Whom the verifier believes, and whether a path leads from a certificate to one of them (RFC 5280, 6). Revocation is not asked:
// offline nobody can be.
import { equal, fromBase64 } from './bytes.js';
import { read } from './certificate.js';
import { fits, meaning } from './verify-raw.js';

const LONGEST_PATH = 12;
const MOST_STEPS = 2000;
const KEY_CERT_SIGN = 0x04;

// Extensions whose meaning is known. Constraints of names and of policies are not: a path through them is not believed.
const KNOWN = new Set(
  ['2.5.29.14', '2.5.29.15', '2.5.29.17', '2.5.29.18', '2.5.29.19', '2.5.29.31', '2.5.29.32', '2.5.29.35', '2.5.29.37', '2.5.29.46'].concat(
    ['1.3.6.1.5.5.7.1.1', '1.3.6.1.5.5.7.1.3', '1.3.6.1.5.5.7.1.11', '1.3.6.1.5.5.7.48.1.5', '0.4.0.194121.2.1'],
  ),
);
const CONSTRAINTS = new Set(['2.5.29.30', '2.5.29.33', '2.5.29.36', '2.5.29.54']);

export const [FOUND, EXPIRED, NOT_YET, BROKEN, UNSIGNED, NONE] = ['found', 'expired', 'not-yet', 'broken', 'unsigned', 'none'];
// Which of two paths says more of a certificate: the first.
const RANK = [FOUND, EXPIRED, NOT_YET, BROKEN, UNSIGNED, NONE];

// Certificates in PEM; an error when there is none or one cannot be read.
export function anchors(pem) {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)];
  const found = blocks.map(([, inside]) => read(fromBase64(inside.replace(/\s/g, '')) ?? new Uint8Array()));
  if (found.length === 0 || !found.every(Boolean)) throw new Error('the certificates of the policy cannot be read');
  return found;
}

// What is to be said of the best path from a certificate to an anchor, as of an instant.
export async function path(believed, certificate, others, at) {
  const isAnchor = (one) => believed.some((anchor) => anchor.key === one.key);
  if (isAnchor(certificate)) return dates([certificate], at) ?? FOUND;
  const pool = new Map([...believed, ...others].map((one) => [one.key, one]));
  const search = { isAnchor, pool: [...pool.values()], steps: MOST_STEPS, best: NONE, at };
  await extend([certificate], search);
  return search.best;
}

async function extend(chain, search) {
  const last = chain.at(-1);
  if (search.isAnchor(last)) {
    const said = await judge(chain, search.at);
    if (RANK.indexOf(said) < RANK.indexOf(search.best)) search.best = said;
    return said === FOUND;
  }
  if (chain.length === LONGEST_PATH) return false;
  for (const candidate of search.pool.filter((one) => one.subject === last.issuer)) {
    if (search.steps === 0) return true;
    search.steps -= 1;
    // The same authority with the same key again leads nowhere new.
    if (chain.some((one) => one.subject === candidate.subject && equal(one.spki, candidate.spki))) continue;
    if (await extend([...chain, candidate], search)) return true;
  }
  return false;
}

async function judge(chain, at) {
  for (const [place, certificate] of chain.slice(0, -1).entries()) {
    const how = meaning(certificate.algorithm);
    if ((await fits(chain[place + 1].spki, how, certificate.tbs, certificate.signature)) !== true) return UNSIGNED;
  }
  if (!keepsRules(chain)) return BROKEN;
  // The anchor is believed whatever its dates.
  return dates(chain.slice(0, -1), at) ?? FOUND;
}

function keepsRules(chain) {
  const mayCertify = (one) => one.isAuthority && (one.usage === undefined || (one.usage & KEY_CERT_SIGN) !== 0);
  if (!chain.slice(1).every(mayCertify)) return false;
  const ids = (one) => one.extensions.map((extension) => extension.id);
  if (chain.some((one) => ids(one).some((id) => CONSTRAINTS.has(id)))) return false;
  for (const one of chain.slice(0, -1)) {
    if (one.extensions.some(({ id, critical }) => critical && !KNOWN.has(id)) || new Set(ids(one)).size < ids(one).length) return false;
  }
  let room = chain.at(-1).limit;
  for (const one of chain.slice(1, -1).reverse()) {
    if (one.subject !== one.issuer && (room -= 1) < 0) return false;
    room = Math.min(room, one.limit);
  }
  return true;
}

// The last second is still within (RFC 5280, 4.1.2.5).
function dates(below, at) {
  for (const one of [...below].reverse()) {
    if (at < one.from) return NOT_YET;
    if (at >= one.to + 1000) return EXPIRED;
  }
  return undefined;
}
