// The offline verifier's readers against harm: node hostile.mjs FIXTURES [rounds]. Whatever becomes of a receipt or a dossier, the answer is a
// report, in time, and never "ok" for a receipt.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [folder, rounds = '300'] = process.argv.slice(2);
if (!folder) {
  console.error('node hostile.mjs FIXTURES [rounds]');
  process.exit(64);
}
const assets = fileURLToPath(new URL('../../assets/', import.meta.url));
const { build } = await import(pathToFileURL(createRequire(join(assets, 'package.json')).resolve('esbuild')).href);
const entry = join(assets, 'verifier/src/verifier.js');
const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: 'esm' });
const { policy, verify } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);

// The same harm every time.
let state = 20261122;
const chance = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state % below;
};
const harms = [
  (bytes) => bytes.fill(chance(256), chance(bytes.length), chance(bytes.length)),
  (bytes) => bytes.slice(0, chance(bytes.length)),
  (bytes) => bytes.map((byte) => (chance(50) === 0 ? chance(256) : byte)),
  (bytes) => Uint8Array.from([...bytes.slice(0, chance(bytes.length)), ...bytes.slice(chance(bytes.length))]),
  (bytes) => bytes.map((byte) => (byte >= 48 && byte <= 57 && chance(3000) === 0 ? 48 + chance(10) : byte)),
];
const fixtures = JSON.parse(readFileSync(join(folder, 'fixtures.json'), 'utf8'));
const wrong = [];
async function judge(what, bytes, fixture) {
  const from = performance.now();
  try {
    const report = await verify(new Blob([bytes]), { documents: [], evidence: [] }, policy(readFileSync(join(folder, fixture.policy))), fixture.now);
    if (!['ok', 'failed', 'incomplete'].includes(report.verdict)) wrong.push(`${what}: ${report.verdict}`);
    if (report.verdict === 'ok' && report.facts.sealed_by !== undefined) wrong.push(`${what}: ok`);
  } catch (error) {
    wrong.push(`${what}: ${error.stack}`);
  }
  const took = performance.now() - from;
  if (took > 10_000) wrong.push(`${what}: ${took.toFixed(0)} ms`);
}
const named = (name) => fixtures.find((fixture) => fixture.name === name);
// All but the room of the signature: what fills that up no signature covers and no reader shows.
function signed(bytes) {
  const [, before, after] = /\/ByteRange\s*\[0 (\d+) (\d+)/.exec(Buffer.from(bytes).toString('latin1')) ?? [, 0, 0];
  return Buffer.concat([bytes.slice(0, Number(before)), bytes.slice(Number(after))]);
}
for (const fixture of [named('ok:whole'), named('ok:a dossier')]) {
  const good = new Uint8Array(readFileSync(join(folder, fixture.file)));
  for (let n = 0; n < Number(rounds); n += 1) {
    const harmed = harms[n % harms.length](good.slice());
    if (Buffer.compare(signed(harmed), signed(good)) !== 0) await judge(`${fixture.name}, ${n}`, harmed, fixture);
  }
}
// What is made to be slow.
const text = (repeated, count) => new TextEncoder().encode(`%PDF-1.7\n${repeated.repeat(count)}\nstartxref\n9\n%%EOF\n`);
for (const [what, repeated, count] of [
  ['brackets', '[', 3e6],
  ['dictionaries', '<</a', 2e6],
  ['trailers', 'trailer<</Root 1 0 R/a[', 4e5],
  ['heads', '1 0 obj ', 2e6],
  ['strings', '(', 5e6],
  ['byte ranges', '/ByteRange[0 9 90000 9]', 3e5],
  ['previous', 'xref\n0 0\ntrailer<</Prev 9/Root 1 0 R>>', 1e5],
  ['arrays again', '1 0 obj[1 0 R 1 0 R 1 0 R]endobj trailer<</Root 1 0 R>>', 1e5],
]) {
  await judge(what, text(repeated, count), named('ok:whole'));
}
for (const one of wrong) console.error(`  ${one}`);
console.log(`${2 * Number(rounds) + 8} harmed files: ${wrong.length} faults`);
process.exit(wrong.length ? 1 : 0);
