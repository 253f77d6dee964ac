// The file of later evidence (`.evidence`, docs/receipts.md): the same leaf's paths to later checkpoints, with time stamps.
import { fromBase64, text } from './bytes.js';
import { parse as json } from './json.js';

const LONGEST = 4 * 1024 * 1024;
const MOST_LATER = 16;
const MOST_STAMPS = 8;

const has = (map, keys) => map instanceof Map && map.size === keys.length && keys.every((key) => map.has(key));

// The later checkpoints in a file, nothing checked; an error says what is wrong.
export function parse(bytes) {
  if (bytes.length > LONGEST) throw new Error('it is longer than is read');
  const file = json(text(bytes) ?? '', true);
  if (!has(file, ['v', 'proofs']) || !Array.isArray(file.get('proofs'))) throw new Error('it is not a file of evidence');
  if (file.get('v') !== 1 || file.get('proofs').length > MOST_LATER) throw new Error('it has another version, or more in it than is read');
  return file.get('proofs').map((later) => {
    const shaped = has(later, ['proof', 'consistency', 'timestamps']) && Array.isArray(later.get('timestamps'));
    const texts = shaped && [later.get('proof'), later.get('consistency'), ...later.get('timestamps')].every((one) => typeof one === 'string');
    if (!texts || later.get('timestamps').length > MOST_STAMPS) throw new Error('it is not a file of evidence');
    const tokens = later.get('timestamps').map(fromBase64);
    if (!tokens.every(Boolean)) throw new Error('a time stamp in it is not base64');
    return { proof: later.get('proof'), consistency: later.get('consistency'), tokens };
  });
}
