// Ed25519 by the browser where it knows it, else by a library: some that people still use learnt it late.
import { ed25519 as library } from '@noble/curves/ed25519.js';

let native;

export async function ed25519(key, message, signature) {
  if (signature.length !== 64) return false;
  try {
    const imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    native ??= true;
    return await crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, message);
  } catch (error) {
    // A browser that has verified one refuses this key, not the algorithm.
    if (native && error.name !== 'NotSupportedError') return false;
    return byLibrary(key, message, signature);
  }
}

export function byLibrary(key, message, signature) {
  try {
    return library.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}
