// Verifies a file, a receipt or a dossier; the one entry for the page and for tests.
import { verify as dossier } from './dossier.js';
import { verify as receipt } from './receipt.js';

export { parse as policy } from './policy.js';

export async function verify(file, given, policy, now) {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (String.fromCharCode(...head) === 'PK\x03\x04') return dossier(file, policy, now);
  return receipt(new Uint8Array(await file.arrayBuffer()), given, policy, now);
}
