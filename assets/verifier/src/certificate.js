// X.509 certificates, as far as a path asks of them (RFC 5280).
import { algorithm, only, time } from './asn1.js';
import { base64, equal, hex, latin1, text } from './bytes.js';

const [COMMON_NAME, ORGANIZATION] = ['2.5.4.3', '2.5.4.10'];
const [SUBJECT_KEY, KEY_USAGE, BASIC, AUTHORITY_KEY, PURPOSES] = ['2.5.29.14', '2.5.29.15', '2.5.29.19', '2.5.29.35', '2.5.29.37'];
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

// What is read of a certificate; undefined when it is none.
export function read(der) {
  try {
    return fields(der);
  } catch {
    return undefined;
  }
}

function fields(der) {
  const [tbs, outer, signature, ...more] = only(der)?.children ?? [];
  if (!signature || more.length > 0 || signature.tag !== 0x03 || signature.body[0] !== 0) return undefined;
  const inner = tbs.children;
  if (inner[0].tag === 0xa0) inner.shift();
  const [serial, named, issuer, validity, subject, spki, ...rest] = inner;
  // RFC 5280, 4.1.1.2: the algorithm is named inside and outside of what is signed, and the same.
  if (!equal(named.raw, outer.raw)) return undefined;
  const [from, to] = validity.children.map(time);
  const found = {
    der,
    key: base64(der),
    tbs: tbs.raw,
    algorithm: algorithm(outer),
    signature: signature.body.subarray(1),
    serial: serial.body,
    issuer: name(issuer),
    issuerDer: issuer.raw,
    subject: name(subject),
    from,
    to,
    spki: spki.raw,
    extensions: extensions(rest.find((one) => one.tag === 0xa3)),
    commonName: attribute(subject, COMMON_NAME),
    organization: attribute(subject, ORGANIZATION),
  };
  if (from === undefined || to === undefined || !found.algorithm || found.issuer === undefined || found.subject === undefined) return undefined;
  return Object.assign(found, known(found.extensions));
}

function extensions(explicit) {
  return (explicit?.children[0].children ?? []).map((one) => {
    const [id, ...rest] = one.children;
    const critical = rest[0].tag === 0x01 && rest[0].body[0] !== 0;
    return { id: id.oid, critical, value: rest.at(-1).body };
  });
}

function known(all) {
  const value = (id) => {
    const found = all.find((one) => one.id === id);
    return found && { critical: found.critical, element: only(found.value) };
  };
  const [usage, basic, purposes, key, authority] = [KEY_USAGE, BASIC, PURPOSES, SUBJECT_KEY, AUTHORITY_KEY].map(value);
  const [flag, limit] = [basic?.element.child(0x01), basic?.element.child(0x02)];
  const uses = purposes?.element.children.map((one) => one.oid) ?? [];
  return {
    usage: usage && (usage.element.body[1] ?? 0),
    isAuthority: Boolean(flag) && flag.body[0] !== 0,
    limit: limit ? Number(`0x${hex(limit.body)}`) : Infinity,
    timeStamping: Boolean(purposes?.critical) && uses.length === 1 && uses[0] === TIME_STAMPING,
    keyIdentifier: key && hex(key.element.body),
    authorityKey: authority?.element.child(0x80) && hex(authority.element.child(0x80).body),
  };
}

const TEXTS = new Map([
  [0x0c, (bytes) => text(bytes)],
  [0x12, latin1],
  [0x13, latin1],
  [0x14, latin1],
  [0x16, latin1],
  [0x1e, (bytes) => new TextDecoder('utf-16be').decode(bytes)],
]);
const string = (value) => TEXTS.get(value.tag)?.(value.body);

// A name as names are compared: letters of either case and runs of spaces are the same, and so are the kinds of string.
function name(element) {
  const pair = ({ tag, children }) => tag === 0x30 && children.length === 2;
  if (element.tag !== 0x30 || !element.children.every(({ tag, children }) => tag === 0x31 && children.every(pair))) return undefined;
  return JSON.stringify(
    element.children.map((relative) =>
      relative.children
        .map(({ children: [id, value] }) => {
          const folded = string(value)?.split(/\s+/).filter(Boolean).join(' ').toLowerCase();
          return `${id.oid}=${folded ?? hex(value.raw)}`;
        })
        .sort(),
    ),
  );
}

// What could disguise what stands beside it is replaced: the name is shown as the signer's.
const DISGUISES = /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

function attribute(element, wanted) {
  for (const relative of element.children) {
    for (const { children: [id, value] } of relative.children) {
      if (id.oid === wanted) return [...(string(value) ?? '')].slice(0, 512).join('').replace(DISGUISES, '\ufffd') || undefined;
    }
  }
  return undefined;
}
