// Two verifiers, one answer: node agreement.mjs FIXTURES. The offline verifier, in a browser without a network, is given every fixture that
// PLICO_FIXTURES of the evidence crate's tests wrote, and must say of each what plico_evidence said: verdict, every check, every fact.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { faults, launch } from './browser.mjs';

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('node agreement.mjs FIXTURES');
  process.exit(64);
}
const built = fileURLToPath(new URL('../../assets/dist/verifica.html', import.meta.url));
const fixtures = JSON.parse(readFileSync(join(folder, 'fixtures.json'), 'utf8'));
const wrong = [];
const check = (holds, what) => holds || wrong.push(what);

const results = ({ checks }) => checks.map(({ name, result }) => `${name} ${result}`);
function differences(expected, said) {
  const found = [];
  if (said.verdict !== expected.verdict) found.push(`verdict ${said.verdict}, not ${expected.verdict}`);
  const [mine, theirs] = [results(said), results(expected)];
  found.push(...theirs.filter((one, at) => one !== mine[at]).map((one) => `not ${one}: ${JSON.stringify(said.checks.find(({ name }) => one.startsWith(`${name} `)))}`));
  if (mine.length !== theirs.length) found.push(`${mine.length} checks, not ${theirs.length}`);
  if (!isDeepStrictEqual(said.facts, expected.facts)) found.push(`facts ${JSON.stringify(said.facts)}`);
  return found;
}

const browser = await launch();
const context = await browser.newContext({ locale: 'it-IT', offline: true, viewport: { width: 1280, height: 900 } });
const heard = [];

// A page with a verifier, which may be another than the one that was built.
async function open(file, before) {
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && heard.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => heard.push(`script: ${error.message}`));
  page.on('request', (request) => request.url() === pathToFileURL(file).href || request.url().startsWith('blob:') || heard.push(`asks for ${request.url()}`));
  if (before) await page.addInitScript(before);
  await page.goto(pathToFileURL(file).href);
  return page;
}

const set = new WeakMap();
async function ask(page, fixture) {
  const paths = (names) => names.filter(Boolean).map((name) => join(folder, name));
  if (set.get(page) !== fixture.now) await page.clock.setFixedTime(fixture.now);
  set.set(page, fixture.now);
  await page.setInputFiles('#file', paths([fixture.file]));
  await page.setInputFiles('#policy', paths([fixture.policy]));
  await page.setInputFiles('#documents', paths(fixture.documents));
  await page.setInputFiles('#evidence', paths(fixture.evidence));
  await page.locator('#form > button').press('Enter');
  await page.waitForFunction(() => !document.getElementById('form').dataset.busy);
  if (await page.locator('#result').isHidden()) return { verdict: await page.locator('#status').innerText(), checks: [], facts: {} };
  const report = JSON.parse(await page.locator('#report').evaluate((pre) => pre.textContent));
  const shown = await page.locator('#result').evaluate((section) => ({
    verdict: section.dataset.verdict,
    checks: [...section.querySelectorAll('[data-check]')].map(({ dataset }) => ({ name: dataset.check, result: dataset.result })),
  }));
  check(shown.verdict === report.verdict && isDeepStrictEqual(results(shown), results(report)), `${fixture.name}: the page shows something else than the report`);
  return report;
}

const page = await open(built);
for (const fixture of fixtures) {
  for (const found of differences(fixture.report, await ask(page, fixture))) wrong.push(`${fixture.name} (${fixture.file}): ${found}`);
}

// How it looks and reads: empty and with answers, in both languages.
const named = (name) => fixtures.find((fixture) => fixture.name === name);
for (const name of ['ok:whole', 'failed:bytes appended', 'ok:a dossier']) {
  for (const language of ['English', 'Italiano']) {
    await ask(page, named(name));
    await page.getByRole('button', { name: language }).click();
    for (const fault of await faults(page, false)) wrong.push(`${name}, ${language}: ${fault}`);
    const words = await page.locator('main').innerText();
    check(!/\b(?:check|fact|verif(?:y|ier))-[a-z]|undefined/.test(words), `${name}, ${language}: a text is missing`);
    check(words.includes(language === 'English' ? 'The checks, one by one' : 'I controlli, uno per uno'), `${name}: not in ${language}`);
  }
}

// What is asked of it wrongly is answered with what to do.
await page.reload();
await page.locator('#form > button').press('Enter');
check((await page.locator('#status').innerText()).includes('scegli prima una ricevuta'), 'nothing is said when no file was chosen');
await page.locator('#pasted').fill('quorum of all evil');
const refused = await ask(page, { ...named('ok:whole'), policy: null });
check(refused.verdict.includes('line 1 of the policy'), `a policy that is none: ${refused.verdict}`);
await page.locator('#pasted').fill(readFileSync(join(folder, named('ok:whole').policy), 'utf8'));
check((await ask(page, { ...named('ok:whole'), policy: null })).verdict === 'ok', 'a policy that was pasted');

// A browser that has no Ed25519 of its own.
const old = await open(built, () => {
  const own = crypto.subtle.importKey.bind(crypto.subtle);
  crypto.subtle.importKey = (...given) => (given[2]?.name === 'Ed25519' ? Promise.reject(new DOMException('', 'NotSupportedError')) : own(...given));
});
for (const name of ['ok:whole', 'failed:another key', 'ok:a dossier']) check(differences(named(name).report, await ask(old, named(name))).length === 0, `without Ed25519: ${name}`);

// And this test sees a difference when there is one: in what was expected, and in a verifier that errs.
const good = await ask(page, { ...named('ok:whole'), policy: null });
for (const spoil of [(report) => (report.verdict = 'failed'), (report) => (report.checks[2].result = 'absent'), (report) => report.checks.pop(), (report) => (report.facts.index = 6)]) {
  const spoilt = structuredClone(named('ok:whole').report);
  spoil(spoilt);
  check(differences(spoilt, good).length > 0, `not seen: ${spoil}`);
}
const html = readFileSync(built, 'utf8');
const room = mkdtempSync(join(tmpdir(), 'plico-agreement-'));
for (const [at, word] of ['plico/part/v1', 'plico/document/v1', 'cosignature/v1', 'ETSI.CAdES.detached', 'bagit.txt'].entries()) {
  const name = word === 'bagit.txt' ? 'ok:a dossier' : 'ok:whole';
  const script = /<script>([^]*)<\/script>/.exec(html)[1];
  const hash = (text) => createHash('sha256').update(text).digest('base64');
  const changed = script.replaceAll(word, `${word.slice(0, -1)}X`);
  check(changed !== script, `${word} is not in the verifier`);
  const file = join(room, `${at}.html`);
  writeFileSync(file, html.replace(script, () => changed).replace(hash(script), hash(changed)));
  check(differences(named(name).report, await ask(await open(file), named(name))).length > 0, `a verifier that errs about ${word} is not seen`);
}

// How long the answer takes in the browser, the page being open.
const times = [];
for (let n = 0; n < 9; n += 1) {
  times.push(await page.evaluate(async () => {
    const form = document.getElementById('form');
    const from = performance.now();
    form.requestSubmit();
    await new Promise((over) => new MutationObserver(() => form.dataset.busy || over()).observe(form, { attributes: true }));
    return performance.now() - from;
  }));
}
await browser.close();
wrong.push(...new Set(heard));
for (const one of wrong) console.error(`  ${one}`);
const median = times.sort((a, b) => a - b)[4].toFixed(0);
console.log(`${fixtures.length} fixtures, ${statSync(built).size} bytes of verifier, ${median} ms for a receipt: ${wrong.length} differences`);
process.exit(wrong.length ? 1 : 0);
