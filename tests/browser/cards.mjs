// A card and its inspector, in a real browser: node cards.mjs BASE, against a running demo. The camera is Chromium's own pretence, fed with a
// picture of the card; the network is cut before anything is checked.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { faults, listen } from './browser.mjs';

const [base] = process.argv.slice(2);
if (!base) {
  console.error('node cards.mjs BASE');
  process.exit(64);
}
const folder = mkdtempSync(join(tmpdir(), 'plico-cards-'));
const film = join(folder, 'camera.y4m');
let failed = 0;
const check = (holds, what) => {
  if (!holds) {
    failed += 1;
    console.error(`  failed: ${what}`);
  }
};

const start = (args = []) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
  });

async function signIn(browser, name) {
  const context = await browser.newContext({ viewport: { width: 420, height: 900 }, locale: 'it-IT' });
  const page = await context.newPage();
  await page.goto(`${base}/accedi`);
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).first().click();
  await page.waitForLoadState();
  return page;
}

const isCard = (url) => /\/tessere\/[0-9A-Z]{27}$/.test(url);

// One frame of a film as the camera would see it: the picture's grey values, no colour.
function filmed(page, picture) {
  return page.evaluate(async (data) => {
    // As a picture: the policy lets a page fetch nothing but what is its own.
    const bitmap = new Image();
    bitmap.src = data;
    await bitmap.decode();
    const canvas = new OffscreenCanvas(640, 480);
    const context = canvas.getContext('2d');
    context.fillStyle = '#ddd';
    context.fillRect(0, 0, 640, 480);
    const scale = 440 / Math.max(bitmap.width, bitmap.height);
    context.drawImage(bitmap, 100, 20, bitmap.width * scale, bitmap.height * scale);
    const { data: pixels } = context.getImageData(0, 0, 640, 480);
    return Array.from({ length: 640 * 480 }, (_, n) => pixels[4 * n]);
  }, `data:image/png;base64,${picture.toString('base64')}`);
}

function write(path, grey) {
  const frame = Buffer.concat([Buffer.from('FRAME\n'), Buffer.from(grey), Buffer.alloc((640 * 480) / 2, 128)]);
  writeFileSync(path, Buffer.concat([Buffer.from('YUV4MPEG2 W640 H480 F5:1 Ip A1:1 C420jpeg\n'), ...Array(10).fill(frame)]));
}

// Which card each person of the town shows: the page itself, and a picture of its code.
async function shown(browser, name) {
  const page = await signIn(browser, name);
  await page.goto(`${base}/documenti`);
  const links = await page.$$eval('main a', (all) => all.map((a) => a.href));
  const url = links.find((href) => isCard(href));
  const heard = await listen(page);
  await page.goto(url);
  const picture = await page.locator('.plico-pass img').screenshot();
  return { page, picture, heard };
}

const browser = await start();
const lia = await shown(browser, 'Lia Fontana');
for (const fault of await faults(lia.page)) check(false, `card ${fault}`);

// Kept on the telephone, it is there without a network; forgotten, it is not.
await lia.page.setViewportSize({ width: 420, height: 900 });
await lia.page.locator('[data-keep]').click();
await lia.page.locator('[data-forget]').waitFor();
await lia.page.context().setOffline(true);
await lia.page.reload();
check(await lia.page.locator('.plico-pass img').isVisible(), 'a kept card is shown without a network');
await lia.page.locator('[data-forget]').click();
await lia.page.locator('[data-keep]').waitFor();
check(await lia.page.reload().then(() => false, () => true), 'a forgotten card is not');
await lia.page.context().setOffline(false);
const ugo = await shown(browser, 'Ugo Marchetti');
const pietro = await shown(browser, 'Pietro Bassani');
const grey = await filmed(await browser.newPage().then(async (page) => (await page.goto(base), page)), lia.picture).catch((error) => (check(false, error.message), null));

// The inspector visits once; then the network goes.
if (grey) write(film, grey);
const camera = await start(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`]);
const context = await camera.newContext({ viewport: { width: 420, height: 900 }, locale: 'it-IT', permissions: ['camera'] });
const page = await context.newPage();
const heard = await listen(page);
const asked = [];
page.on('request', (request) => asked.push(request.url()));
await page.goto(`${base}/controllo`);
await page.locator('[data-offline="1"]').waitFor({ timeout: 20000 });
for (const fault of [...(await faults(page)), ...heard.splice(0)]) check(false, `inspector ${fault}`);
await page.setViewportSize({ width: 420, height: 900 });
await context.setOffline(true);
await page.reload();
await page.locator('[data-ready="1"][data-offline="1"]').waitFor();
const before = asked.length;
const result = async (word, what) => {
  const block = page.locator(`[data-standing="${word}"]`);
  await block.waitFor({ timeout: 20000 }).catch(() => {});
  const said = await page.locator('[data-standing]:not([hidden])').evaluateAll((all) => all.map((one) => one.dataset.standing));
  check(said.length === 1 && said[0] === word, `${what}: ${said}`);
};
await page.locator('[data-camera]').click();
await result('valid', 'the camera, without a network');
check(/Lia Fontana/.test(await page.locator('[data-facts]').innerText()), 'what the card says is shown');

await page.locator('details summary').click();
const upload = (buffer) => page.locator('[data-picture]').setInputFiles({ name: 'card.png', mimeType: 'image/png', buffer });
await upload(ugo.picture);
await result('suspended', 'a picture of a suspended card');
await upload(pietro.picture);
await result('revoked', 'a picture of a revoked card');
const type = async (text) => {
  await page.locator('#f-code').fill(text);
  await page.locator('[data-typed] button').click();
};
await type('https://example.org/');
await result('not-a-card', 'something else');
await type('PK1:6BF');
await result('damaged', 'a code that was cut');

// The vectors that others are given hold here too: with the keys and the list they come with.
const vectors = JSON.parse(execFileSync('cat', [new URL('../../crates/card/vectors/cards.json', import.meta.url).pathname], { encoding: 'utf8' }));
const script = await page.locator('script[type=module]').getAttribute('src');
const told = await page.evaluate(
  async ({ vectors, module }) => {
    const { read, openStatus, standing, NotACard } = await import(module);
    const keys = new Map();
    for (const jwk of vectors.keys.keys) {
      keys.set(jwk.kid, await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']));
    }
    const issuer = { issuer: vectors.keys.iss, keys };
    issuer.status = await openStatus(vectors.status, issuer);
    const said = [];
    for (const { text } of vectors.cards) {
      try {
        said.push(await standing(read(text), issuer, vectors.now));
      } catch (error) {
        said.push(error instanceof NotACard ? 'not-a-card' : 'damaged');
      }
    }
    return said;
  },
  { vectors, module: script.replace('inspector.js', 'card.js') },
);
vectors.cards.forEach(({ name, standing }, n) => {
  const fits = standing === 'not-valid' ? ['damaged', 'forged', 'unknown-key'].includes(told[n]) : told[n] === standing;
  check(fits, `vector ${name}: ${told[n]}`);
});
const sent = asked.slice(before).filter((url) => !url.startsWith('data:') && !url.includes('/assets/'));
check(sent.length === 0, `nothing is sent of what is checked: ${sent}`);
await camera.close();
await browser.close();
console.log(failed ? `${failed} failed` : 'cards: passed');
process.exit(failed ? 1 : 0);
