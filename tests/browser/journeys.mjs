// The main job, walked in a real browser: node journeys.mjs BASE PROGRAM, against a running demo. Twice, with script and without.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { faults, launch } from './browser.mjs';

const [base, program] = process.argv.slice(2);
if (!program) {
  console.error('node journeys.mjs BASE PROGRAM');
  process.exit(64);
}
const folder = mkdtempSync(join(tmpdir(), 'plico-journeys-'));
const fixtures = new URL('../../fixtures/p7m/', import.meta.url).pathname;
const seen = new Set();
let failed = 0;

function check(holds, what) {
  if (holds) return;
  failed += 1;
  console.error(`  failed: ${what}`);
}

// Asks each kind of page once whether it is well made.
async function look(page) {
  const name = new URL(page.url()).pathname.replace(/[0-9A-Z]{20,}/g, '…');
  if (seen.has(name)) return;
  seen.add(name);
  for (const fault of await faults(page)) check(false, `${name} ${fault}`);
}

async function sign_in(browser, name, script) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'it-IT',
    javaScriptEnabled: script,
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  await page.goto(`${base}/accedi`);
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).first().click();
  await page.waitForLoadState();
  return page;
}

const main = (page) => page.locator('main');
// The verifier that the page hands out, kept and opened without a network, says of a receipt what the program says.
async function alone(browser, page, receipt) {
  const [verifier, policy] = [join(folder, 'verifica.html'), join(folder, 'ente.policy')];
  for (const [path, file] of [['/verifica.html', verifier], ['/log/policy', policy]]) writeFileSync(file, await (await page.request.get(base + path)).body());
  const digest = createHash('sha256').update(readFileSync(verifier)).digest('hex');
  check((await main(page).innerText()).includes(digest), 'the page shows the digest of the verifier that it hands out');
  const context = await browser.newContext({ offline: true });
  const kept = await context.newPage();
  await kept.goto(pathToFileURL(verifier).href);
  await kept.setInputFiles('#file', receipt);
  await kept.setInputFiles('#policy', policy);
  await kept.locator('#form > button').click();
  await kept.locator('#report').waitFor({ state: 'attached' });
  const said = JSON.parse(await kept.locator('#report').evaluate((pre) => pre.textContent));
  const { json } = verdict('verify', receipt, '--policy', policy, '--json');
  const results = ({ verdict: word, checks }) => [word, ...checks.map(({ name, result }) => `${name} ${result}`)].join(', ');
  check(results(said) === results(json), `offline: ${results(said)}; the program: ${results(json)}`);
  check(isDeepStrictEqual(said.facts, json.facts), `offline: ${JSON.stringify(said.facts)}; the program: ${JSON.stringify(json.facts)}`);
  await context.close();
}

const press = async (page, name) => {
  await main(page).getByRole('button', { name }).first().click();
  await page.waitForLoadState();
};
const follow = async (page, name) => {
  await main(page).getByRole('link', { name }).first().click();
  await page.waitForLoadState();
};

async function download(page, click) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  const path = join(folder, file.suggestedFilename());
  await file.saveAs(path);
  return path;
}

function verdict(...args) {
  try {
    return { code: 0, json: JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) };
  } catch (error) {
    return { code: error.status, json: JSON.parse(error.stdout || '{}') };
  }
}

async function files(page, subject) {
  const signed = join(folder, 'contratto firmato.p7m');
  writeFileSync(signed, readFileSync(join(fixtures, 'rsa-der.p7m')));
  const plain = join(folder, 'nota.txt');
  writeFileSync(plain, `Nota per ${subject}\n`);
  await main(page).locator('input[type=file]').first().setInputFiles([signed, plain]);
  const send = main(page).locator('form[enctype="multipart/form-data"] button[type=submit], form[enctype="multipart/form-data"] button:not([type])');
  await send.first().click();
  await page.waitForLoadState();
}

// What an outside registry numbers is filed at once; its number comes, or the office is told what is in its way.
async function elsewhere(page, script) {
  const subject = `Accesso di prova ${script ? 'con' : 'senza'} script`;
  const other = await page.context().newPage();
  await other.goto(`${base}/scrivi`);
  await main(other).locator('input[name=kind][value$=".accesso-atti"]').check();
  await press(other, /Avanti/);
  await main(other).locator('[name=subject]').fill(subject);
  await main(other).locator('[name=text]').fill('Chiedo di vedere il verbale del 3 marzo.');
  await press(other, /Avanti/);
  await press(other, /Avanti|Riepilogo/);
  await press(other, /Conferma e invia|Invia/);
  check(other.url().endsWith('/inviata'), `a request for an outside registry is filed: ${other.url()}`);
  await look(other);
  const clerk = await sign_in(other.context().browser(), 'Paola Venturi', script);
  let [numbered, told] = [false, false];
  for (let n = 0; n < 30 && !numbered && !told; n += 1) {
    await other.waitForTimeout(500);
    await other.reload();
    numbered = /\d+\/\d{4}/.test(await main(other).locator('.plico-stamp').first().innerText());
    await clerk.goto(`${base}/ufficio/registrazioni`);
    told = (await main(clerk).innerText()).includes(subject);
  }
  check(numbered || told, 'its number comes, or the office sees what is in its way');
  await look(clerk);
  await clerk.context().close();
  await other.close();
}

async function journey(browser, script) {
  const subject = `Richiesta di prova ${script ? 'con' : 'senza'} script`;
  console.log(subject);

  // A citizen writes, checks and sends.
  let page = await sign_in(browser, 'Lia Fontana', script);
  await look(page);
  await page.goto(`${base}/scrivi`);
  await look(page);
  await main(page).locator('input[name=kind][value$=".istanza"]').check();
  await press(page, /Avanti/);
  await look(page);
  await main(page).locator('[name=subject]').fill(subject);
  await main(page).locator('[name=text]').fill('Chiedo una cosa precisa.\nGrazie.');
  await press(page, /Avanti/);
  await look(page);
  await files(page, subject);
  check((await main(page).innerText()).includes('contratto firmato.p7m'), 'the uploaded file is listed');
  check(/Firmat/.test(await main(page).innerText()), 'the signed file says who signed it');
  await look(page);
  await press(page, /Avanti|Riepilogo/);
  const review = await main(page).innerText();
  check(review.includes(subject) && review.includes('Chiedo una cosa precisa.'), 'the review shows everything');
  check(/valore di dichiarazione/.test(review), 'the liability notice is there');
  await look(page);
  const reviewed = page.url();
  await press(page, /Conferma e invia|Invia/);
  const sent = await main(page).innerText();
  const number = sent.match(/\d{7}\/\d{4}/)?.[0];
  check(number, `the page after sending shows a number: ${page.url()}`);
  await look(page);
  // Going back and sending again finds the same filing.
  await page.goto(reviewed);
  check((await main(page).innerText()).includes(number), 'the sent draft leads to its message');

  await elsewhere(page, script);

  // The receipt comes within seconds, and verifies.
  const message = page.url().replace(/\/inviata$/, '');
  const id = message.match(/[0-9A-Z]{27}/)?.[0];
  await page.goto(`${base}/messaggi/${id}`);
  for (let n = 0; n < 20 && !(await main(page).locator('a[href^="/ricevute/"]').count()); n += 1) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  await look(page);
  const receipt = await download(page, () => main(page).locator('a[href^="/ricevute/"]').first().click());
  const { code, json } = verdict('verify', receipt, '--json');
  check(code === 2 && json.verdict === 'incomplete', `a receipt without a policy is incomplete: ${code} ${json.verdict}`);
  check(json.checks?.every(({ result }) => result !== 'failed'), 'no check of the receipt failed');
  const zip = await download(page, () => main(page).locator('[href$="tutto.zip"], form[action$="tutto.zip"] button').first().click());
  check(readFileSync(zip).subarray(0, 2).toString() === 'PK', 'everything comes as one zip');

  // Anybody checks the receipt on the public page.
  await page.goto(`${base}/verifica`);
  await look(page);
  await main(page).locator('input[type=file]').first().setInputFiles(receipt);
  await main(page).locator('form[enctype="multipart/form-data"] button').first().click();
  await page.waitForLoadState();
  check((await main(page).innerText()).includes(subject), 'the verification page tells the facts of the receipt');
  await alone(browser, page, receipt);
  // A document to compare stays here where script can hash it, and its digest goes; without script it is uploaded.
  const stranger = join(folder, 'estraneo.txt');
  writeFileSync(stranger, 'un testo che resta qui');
  await main(page).locator('input[name=receipt]').setInputFiles(receipt);
  await main(page).locator('input[name=documents]').setInputFiles(stranger);
  // What a form carries of files no driver shows: the form itself is asked, as it leaves.
  await page.evaluate(() => {
    const own = HTMLFormElement.prototype.submit;
    HTMLFormElement.prototype.submit = function submit() {
      sessionStorage.setItem('sent', JSON.stringify([...new FormData(this)].map(([name, value]) => `${name} ${value.size ?? value}`)));
      own.call(this);
    };
  });
  await main(page).locator('form[enctype="multipart/form-data"] button').first().click();
  await page.waitForURL(`${base}/verifica`);
  await main(page).getByText('Non è autentico').first().waitFor();
  const carried = (await page.evaluate(() => sessionStorage.getItem('sent'))) ?? '';
  const hashed = createHash('sha256').update(readFileSync(stranger)).digest('hex');
  check(carried.includes(`digest ${hashed}  estraneo.txt`) === script, 'with script the digest of a document is sent');
  check(carried.includes('documents 0') === script, 'with script a document stays where it is');
  check((await main(page).innerText()).includes('Non è autentico'), 'a document of somebody else does not fit');
  await look(page);
  await page.context().close();

  // The protocol office takes charge and answers.
  page = await sign_in(browser, 'Nadia Rinaldi', script);
  await page.goto(`${base}/ufficio`);
  await look(page);
  await follow(page, new RegExp(subject));
  await look(page);
  const item = page.url();
  if (await main(page).getByRole('button', { name: /Prendi in carico/ }).count()) await press(page, /Prendi in carico/);
  check(/Presa in carico/.test(await main(page).innerText()), 'the message was taken in charge');
  await page.goto(item);
  await follow(page, /Rispondi/);
  await look(page);
  await main(page).locator('[name=text]').fill('La richiesta è accolta.');
  const outcome = main(page).locator('input[type=radio][value=granted]');
  if (await outcome.count()) await outcome.first().check();
  await press(page, /Controlla|Avanti|Anteprima|Continua/);
  await look(page);
  await press(page, /Conferma|Invia/);
  check(/\d{7}\/\d{4}/.test(await main(page).innerText()), `the answer is registered: ${page.url()}`);
  await page.goto(`${base}/ufficio/registro`);
  await look(page);
  check((await main(page).innerText()).includes(number), 'the register shows the number');
  await page.context().close();

  // The citizen finds it, opens it, and it counts as opened only then.
  page = await sign_in(browser, 'Lia Fontana', script);
  await page.goto(`${base}/messaggi`);
  await look(page);
  const received = main(page).locator('a[href^="/messaggi/"]', { hasText: subject }).first();
  await received.click();
  await page.waitForLoadState();
  check(!(await main(page).innerText()).includes('La richiesta è accolta.'), 'content is not shown before opening');
  await press(page, /Apri/);
  check((await main(page).innerText()).includes('La richiesta è accolta.'), 'content is shown after opening');
  await look(page);
  await page.context().close();

  // The auditor finds it and reads it after a stated reason.
  page = await sign_in(browser, 'Ettore Lanza', script);
  await page.goto(`${base}/revisore?numero=${encodeURIComponent(number)}`);
  await look(page);
  await follow(page, new RegExp(subject));
  check(!(await main(page).innerText()).includes('Chiedo una cosa precisa.'), 'the auditor sees no content before the reason');
  await look(page);
  await main(page).locator('textarea[name=reason]').fill('Controllo a campione del procedimento');
  await main(page).locator('form[action$="/contenuto"] button').click();
  await page.waitForLoadState();
  check((await main(page).innerText()).includes('Chiedo una cosa precisa.'), 'the auditor sees content after the reason');
  await page.goto(`${base}/revisore/accessi`);
  check((await main(page).innerText()).includes('Controllo a campione'), 'the reason is in the access log');
  await look(page);
  await page.context().close();

  // The administrator sees how the system is.
  page = await sign_in(browser, 'Ivo Santini', script);
  await page.goto(`${base}/amministrazione`);
  await look(page);
  await page.context().close();
}

const browser = await launch();
for (const script of [true, false]) {
  const before = seen.size;
  try {
    await journey(browser, script);
  } catch (error) {
    check(false, error.stack.split('\n').slice(0, 6).join('\n    '));
  }
  if (!script) check(seen.size === before, 'both walks saw the same pages');
}
await browser.close();
console.log(`${seen.size} pages looked at`);
console.log(`${2 - Math.min(failed, 2)} passed, ${Math.min(failed, 2)} failed`);
process.exit(failed ? 1 : 0);
