// What the verifier trusts: a tlog-policy (C2SP) with certificates in PEM between its lines.
import { decimal, equal, text, utf8 } from './bytes.js';
import { BAD, check, checkpointText, COSIGNATURE, GOOD, ABSENT, LOG, verifierKey } from './note.js';
import { anchors } from './anchors.js';

const LONGEST = 1024 * 1024;
const MOST_LOGS = 64;
const MOST_NAMES = 256;
const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';
const MARKS = new Map([['roots seal', ['seals']], ['roots timestamp', ['stamps']]]);

// A policy, or an error that names the line.
export function parse(bytes) {
  const whole = text(bytes);
  if (whole === undefined) throw new Error('the policy is not UTF-8 text');
  const pem = { seals: '', stamps: '' };
  let [about, inside] = [Object.keys(pem), false];
  const lines = whole.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n').map((line) => {
    const marked = inside ? undefined : MARKS.get(line.trimEnd());
    about = marked ?? about;
    inside ||= line.trim() === BEGIN;
    if (!inside) return marked ? '' : line;
    for (const one of about) pem[one] += `${line.trim()}\n`;
    inside = line.trim() !== END;
    return '';
  });
  if (inside) throw new Error('a certificate of the policy has no last line');
  return { ...logs(lines), seals: pem.seals ? anchors(pem.seals) : undefined, stamps: pem.stamps ? anchors(pem.stamps) : undefined };
}

function logs(lines) {
  if (utf8(lines.join('\n')).length > LONGEST || lines.some((line) => /[\u0000-\u0008\u000b-\u001f\u007f]/.test(line))) throw new Error('the policy is not plain text');
  const policy = { logs: [], names: [], quorum: undefined };
  const grouped = new Set();
  lines.forEach((line, at) => {
    const words = line.split(/[ \t]+/).filter(Boolean);
    if (words.length === 0 || words[0].startsWith('#')) return;
    const wrong = (what) => {
      throw new Error(`line ${at + 1} of the policy ${what}`);
    };
    const [kind, ...rest] = words;
    if (kind === 'log' && rest.length <= 2) return log(policy, rest, wrong);
    if (kind === 'witness' && rest.length >= 2 && rest.length <= 3) return witness(policy, rest, wrong);
    if (kind === 'group' && rest.length >= 2) return group(policy, rest, grouped, wrong);
    if (kind === 'quorum' && rest.length === 1) return quorum(policy, rest[0], wrong);
    return wrong('is malformed');
  });
  if (policy.quorum === undefined) throw new Error('the policy has no quorum line');
  return policy;
}

function key(spelt, kind, wrong) {
  const found = verifierKey(spelt ?? '');
  return found?.kind === kind ? found : wrong('is malformed');
}

function log(policy, [spelt], wrong) {
  const found = key(spelt, LOG, wrong);
  if (policy.logs.some((known) => equal(known.bytes, found.bytes))) wrong('repeats a key');
  if (policy.logs.length === MOST_LOGS) wrong('is one log too many');
  policy.logs.push(found);
}

function witness(policy, [name, spelt], wrong) {
  const found = key(spelt, COSIGNATURE, wrong);
  if (policy.names.some((known) => known.key && equal(known.key.bytes, found.bytes))) wrong('repeats a key');
  define(policy, { name, key: found }, wrong);
}

function define(policy, member, wrong) {
  if (member.name === 'none' || policy.names.length === MOST_NAMES) wrong('is malformed');
  if (policy.names.some((known) => known.name === member.name)) wrong('repeats a name');
  policy.names.push(member);
}

const find = (policy, name, wrong) => policy.names.find((known) => known.name === name) ?? wrong('uses a name that no line before it defines');

function group(policy, [name, count, ...names], grouped, wrong) {
  const members = names.map((one) => find(policy, one, wrong));
  // A member of one group only: otherwise one witness would count twice.
  for (const member of members) {
    if (grouped.has(member)) wrong('repeats a name');
    grouped.add(member);
  }
  const words = new Map([['all', members.length], ['any', 1]]);
  const least = words.get(count) ?? Number(decimal(count) ?? wrong('is malformed'));
  if (least < 1 || least > members.length) wrong('is malformed');
  if (least > operators(members)) wrong('can never be met: witnesses whose names begin with the same host are one operator and count once');
  define(policy, { name, least, members }, wrong);
}

function quorum(policy, name, wrong) {
  if (policy.quorum !== undefined) wrong('repeats the quorum');
  policy.quorum = name === 'none' ? null : find(policy, name, wrong);
}

// How many operators these are: witnesses by their host; a group is one, because whoever wrote the policy put them together.
function operators(members) {
  const hosts = new Set(members.filter((one) => one.key).map((one) => one.key.name.split('/')[0]));
  return hosts.size + members.filter((one) => !one.key).length;
}

export const demandsWitnesses = (policy) => policy.quorum !== null;

// What the signatures on a checkpoint are worth.
export async function evaluate(policy, checkpoint) {
  const same = checkpoint.note.text === checkpointText(checkpoint);
  const ask = (of) => (same ? check(checkpoint.note, of) : { state: BAD });
  const result = { log: ABSENT, logKnown: false, witnesses: [], demanded: demandsWitnesses(policy) };
  for (const known of policy.logs.filter((one) => one.name === checkpoint.origin)) {
    result.logKnown = true;
    const { state } = await ask(known);
    if (state === BAD || (state === GOOD && result.log === ABSENT)) result.log = state;
  }
  const met = new Set();
  for (const member of policy.names) {
    if (member.key) {
      const checked = await ask(member.key);
      result.witnesses.push({ name: member.name, ...checked });
      if (checked.state === GOOD) met.add(member);
    } else if (operators(member.members.filter((one) => met.has(one))) >= member.least) {
      met.add(member);
    }
  }
  result.quorumMet = policy.quorum === null || met.has(policy.quorum);
  result.anyBad = result.log === BAD || result.witnesses.some((one) => one.state === BAD);
  result.met = result.log === GOOD && result.quorumMet && !result.anyBad;
  return result;
}
