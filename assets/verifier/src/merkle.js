// Proofs in the tree (RFC 9162, 2.1.3.2 and 2.1.4.2). Each function gives nothing when the proof holds, else what is wrong.
import { equal, sha256, sized, text } from './bytes.js';

const OUTSIDE = 'the proof is about something outside the tree';
const LENGTH = 'the proof has the wrong number of hashes';
const ROOT = 'the proof leads to another root';

export const leafHash = (bytes) => sha256(Uint8Array.of(0), bytes);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);
const odd = (number) => (number & 1n) === 1n;

// Whether the leaf of this hash stands at `index` in the tree of `size` leaves.
export function inclusion(leaf, index, size, root, proof) {
  if (index >= size) return OUTSIDE;
  let [node, last, hash] = [index, size - 1n, leaf];
  for (const sibling of proof) {
    if (last === 0n) return LENGTH;
    if (odd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      // Where the right edge has no sibling the node stands for its parent.
      while (!odd(node) && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) return LENGTH;
  return equal(hash, root) ? undefined : ROOT;
}

// Whether the tree of `old` leaves is the beginning of the tree of `size` leaves.
export function consistency(old, oldRoot, size, root, proof) {
  if (old > size) return OUTSIDE;
  if (old === 0n) {
    if (proof.length > 0) return LENGTH;
    const empty = equal(oldRoot, sha256()) && (size > 0n || equal(root, oldRoot));
    return empty ? undefined : ROOT;
  }
  let [node, last] = [old - 1n, size - 1n];
  const up = () => {
    node >>= 1n;
    last >>= 1n;
  };
  // A tree whose size is a power of two is a node of the other, and the proof need not repeat it.
  while (node !== 0n && (node === last || odd(node))) up();
  const hashes = [...proof];
  const seed = node === 0n ? oldRoot : hashes.shift();
  if (!seed) return LENGTH;
  let [part, whole] = [seed, seed];
  for (const sibling of hashes) {
    if (last === 0n) return LENGTH;
    if (odd(node) || node === last) {
      if (node > 0n) part = nodeHash(sibling, part);
      whole = nodeHash(sibling, whole);
      while (!odd(node) && node !== 0n) up();
    } else {
      whole = nodeHash(whole, sibling);
    }
    up();
  }
  if (last !== 0n) return LENGTH;
  return equal(part, oldRoot) && equal(whole, root) ? undefined : ROOT;
}

// One base64 hash a line; undefined when it is anything else.
export function hashes(bytes) {
  const lines = text(bytes);
  if (lines === undefined || lines.length > 45 * 65) return undefined;
  if (lines === '') return [];
  if (!lines.endsWith('\n')) return undefined;
  const found = lines.slice(0, -1).split('\n').map((line) => sized(line, 32));
  return found.every(Boolean) ? found : undefined;
}
