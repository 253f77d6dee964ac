// That the event stands in a tree, whose tree it is, who saw it, and what came before.
import { equal, hex, utf8 } from './bytes.js';
import * as beside from './beside.js';
import { plain as jsonOf } from './json.js';
import { parse as parseLeaf, partCommitment } from './leaf.js';
import { consistency, hashes, inclusion, leafHash } from './merkle.js';
import { BAD, checkpoint as parseCheckpoint, GOOD, proof as parseProof } from './note.js';
import { object, parse as parseParts } from './parts.js';
import { evaluate } from './policy.js';
import { absent, failed, ok } from './report.js';
import { Stamps } from './stamps.js';

const NO_POLICY = 'no policy was given: nothing says whose signature this must be';

// Inclusion, checkpoint, continuity, witnesses and timestamp.
export async function chain(enclosure, leaf, given, policy, now, facts) {
  const unstamped = absent('timestamp', 'there is nothing that could be stamped');
  if (!enclosure.proof) return [...['inclusion', 'checkpoint', 'continuity', 'witnesses'].map((name) => absent(name, 'the file carries no proof')), unstamped];
  let proof;
  try {
    proof = parseProof(enclosure.proof);
  } catch (error) {
    const both = error.inCheckpoint ? [failed('checkpoint', error.message)] : [];
    return [failed('inclusion', error.message), unstamped, ...both];
  }
  const { checkpoint } = proof;
  facts.checkpoint = { size: jsonOf(checkpoint.size), root: hex(checkpoint.root) };
  const own = policy && (await evaluate(policy, checkpoint));
  const { seen, wrong } = await later(given.evidence, proof, enclosure.leaf, policy);
  const evaluations = [own, ...seen.map((one) => one.evaluation)].filter(Boolean);
  const before = new Stamps();
  let continued = await continuity(proof, enclosure, leaf, policy, facts);
  if (continued.result !== 'failed' && enclosure.earlier && enclosure.earlierStamp) await stampedEarlier(enclosure, before, policy, now);
  try {
    const succeeds = succession(enclosure, proof);
    if (succeeds) facts.succeeds = succeeds;
  } catch (error) {
    continued = failed('continuity', `the log’s first event: ${error.message}`);
  }
  const stamps = new Stamps();
  for (const one of seen) await stamps.look(one.checkpoint, one.tokens, policy, now);
  bounds(facts, evaluations, stamps, before);
  return [
    included(proof, enclosure, leaf),
    signed(checkpoint, leaf, own),
    wrong ? failed('witnesses', `the evidence beside the receipt: ${wrong}`) : witnessed(evaluations),
    continued,
    stamps.finding(before),
  ];
}

async function stampedEarlier(enclosure, stamps, policy, now) {
  let earlier;
  try {
    earlier = parseCheckpoint(enclosure.earlier);
  } catch {
    return;
  }
  await stamps.look(earlier, [enclosure.earlierStamp], policy, now);
}

function included(proof, enclosure, leaf) {
  if (!enclosure.leaf) return absent('inclusion', 'there is no leaf to look for');
  // The bytes are hashed as they are; whether they are a leaf is another check.
  const wrong = inclusion(leafHash(enclosure.leaf), proof.index, proof.checkpoint.size, proof.checkpoint.root, proof.hashes);
  if (wrong) return failed('inclusion', wrong);
  if (leaf && leaf.index !== proof.index) return failed('inclusion', `the leaf says it is event ${leaf.index}, the proof is of ${proof.index}`);
  return ok('inclusion', `stands at ${proof.index} among ${proof.checkpoint.size}`);
}

function signed({ origin }, leaf, evaluation) {
  if (leaf && leaf.origin !== origin) return failed('checkpoint', `it is of ${origin}, not of the leaf’s log`);
  if (!evaluation) return absent('checkpoint', `${origin} says it is its own; ${NO_POLICY}`);
  if (!evaluation.logKnown) return failed('checkpoint', `the policy knows no log ${origin}`);
  if (evaluation.log === GOOD) return ok('checkpoint', `signed by ${origin}`);
  return failed('checkpoint', evaluation.log === BAD ? `the signature of ${origin} is false` : `not signed by the key that the policy has for ${origin}`);
}

// What witnesses say of the receipt's own checkpoint and of the later ones beside it; each tree by itself.
function witnessed(evaluations) {
  if (evaluations.length === 0) return absent('witnesses', NO_POLICY);
  const names = (evaluation, state) => evaluation.witnesses.filter((one) => one.state === state).map((one) => one.name);
  const spoiled = evaluations.find((one) => names(one, BAD).length > 0);
  if (spoiled) return failed('witnesses', `false cosignature of ${names(spoiled, BAD).join(', ')}`);
  const cosigned = evaluations.filter((one) => names(one, GOOD).length > 0);
  const met = cosigned.find((one) => one.quorumMet);
  if (met) return ok('witnesses', `cosigned by ${names(met, GOOD).join(', ')}`);
  if (cosigned.length > 0) return absent('witnesses', `cosigned by ${names(cosigned[0], GOOD).join(', ')}; the policy’s quorum of operators is not reached`);
  return absent('witnesses', 'no witness of the policy has cosigned a tree with the event');
}

async function continuity(proof, enclosure, leaf, policy, facts) {
  const name = 'continuity';
  if (!enclosure.earlier && !enclosure.consistency) return absent(name, 'there is no earlier checkpoint');
  if (!enclosure.earlier || !enclosure.consistency) return failed(name, 'an earlier checkpoint and its consistency proof come together or not at all');
  let earlier;
  try {
    earlier = parseCheckpoint(enclosure.earlier);
  } catch (error) {
    return failed(name, error.message);
  }
  const path = hashes(enclosure.consistency);
  if (!path) return failed(name, 'the consistency proof is malformed');
  const now = proof.checkpoint;
  if (earlier.origin !== now.origin) return failed(name, `the earlier checkpoint is of another log, ${earlier.origin}`);
  if (leaf && earlier.size > leaf.index) return failed(name, 'the earlier checkpoint holds the event already');
  const wrong = consistency(earlier.size, earlier.root, now.size, now.root, path);
  if (wrong) return failed(name, wrong);
  if (!policy) return absent(name, `the tree of ${earlier.size} is a beginning of this one; ${NO_POLICY}`);
  const evaluation = await evaluate(policy, earlier);
  if (evaluation.anyBad || evaluation.log !== GOOD) return failed(name, 'the earlier checkpoint is not signed by the log');
  if (!evaluation.met) return absent(name, 'the earlier checkpoint is consistent, but the policy’s quorum has not cosigned it');
  if (evaluation.demanded) facts.not_before = shown(times(evaluation).reduce(least, undefined));
  return ok(name, `the tree of ${earlier.size} is a beginning of this one`);
}

// Every later checkpoint that was given, or why one is not to be believed.
async function later(files, own, leaf, policy) {
  const seen = [];
  try {
    for (const file of files) for (const one of beside.parse(file)) seen.push(await laterOne(one, own, leaf, policy));
  } catch (error) {
    return { seen: [], wrong: error.message };
  }
  return { seen };
}

async function laterOne(one, own, leaf, policy) {
  const proof = parseProof(utf8(one.proof));
  const [before, after] = [own.checkpoint, proof.checkpoint];
  if (after.origin !== before.origin || proof.index !== own.index) throw new Error(`it is of event ${proof.index} of ${after.origin}`);
  if (!leaf) throw new Error('there is no leaf to look for');
  const path = hashes(utf8(one.consistency));
  const wrong =
    inclusion(leafHash(leaf), proof.index, after.size, after.root, proof.hashes) ??
    (path ? consistency(before.size, before.root, after.size, after.root, path) : 'its consistency proof is malformed');
  if (wrong) throw new Error(wrong);
  const evaluation = policy && (await evaluate(policy, after));
  if (evaluation && evaluation.log !== GOOD) throw new Error('its checkpoint is not signed by the log');
  return { checkpoint: after, evaluation, tokens: one.tokens };
}

// Which log this one goes on from, as its own first event says; undefined when none is enclosed.
function succession({ opening, openingParts, openingPath }, { checkpoint }) {
  const given = [opening, openingParts, openingPath].filter(Boolean).length;
  if (given === 0) return undefined;
  if (given < 3) throw new Error('it comes with its part and its path or not at all');
  const leaf = parseLeaf(opening);
  if (leaf.index !== 0n || leaf.kind !== 'log.opened' || leaf.origin !== checkpoint.origin) throw new Error('it is not that of this log');
  const path = hashes(openingPath);
  const wrong = path ? inclusion(leafHash(opening), 0n, checkpoint.size, checkpoint.root, path) : 'its path is malformed';
  if (wrong) throw new Error(wrong);
  const act = parseParts(openingParts).get('act');
  const fits = act && leaf.parts.has('act') && equal(leaf.parts.get('act'), partCommitment(act.salt, act.bytes));
  const said = fits ? object(act.bytes) : undefined;
  if (!said) throw new Error('its act is not what the leaf commits to');
  if (!said.has('predecessor')) return undefined;
  const before = said.get('predecessor');
  const read = before instanceof Map ? Object.fromEntries(before) : {};
  if (typeof read.origin !== 'string' || typeof read.root !== 'string' || !['number', 'bigint'].includes(typeof read.size)) throw new Error('it does not say which log it goes on from');
  return { origin: read.origin, size: jsonOf(read.size), root: read.root };
}

const times = (evaluation) => evaluation.witnesses.filter((one) => one.time !== undefined).map((one) => Number(one.time) * 1000);
const least = (a, b) => (a === undefined || b < a ? b : a);
const most = (a, b) => (a === undefined || b > a ? b : a);
// RFC 3339, to the second when there is nothing finer.
const shown = (at) => (at === undefined || Math.abs(at) > 8.64e15 ? undefined : new Date(at).toISOString().replace(/\.?0+Z$/, 'Z'));

// The nearest bounds of time that somebody the policy believes vouches for.
function bounds(facts, evaluations, stamps, before) {
  const seen = evaluations.filter((one) => one.demanded && one.met).map((one) => times(one).reduce(most, undefined)).filter((at) => at !== undefined);
  const after = shown([...seen, ...stamps.instants.map(([, last]) => last)].reduce(least, undefined));
  const known = facts.not_before === undefined ? [] : [Date.parse(facts.not_before)];
  const from = shown([...known, ...before.instants.map(([first]) => first)].reduce(most, undefined));
  for (const [name, at] of [['not_after', after], ['not_before', from]]) {
    if (at === undefined) delete facts[name];
    else facts[name] = at;
  }
}
