// A clerk who does not touch the mouse: node keys.mjs BASE, against a running demo. Every step is a key.
import { launch } from './browser.mjs';

const [base] = process.argv.slice(2);
if (!base) {
  console.error('node keys.mjs BASE');
  process.exit(64);
}
let failed = 0;
const check = (holds, what) => {
  if (!holds) {
    failed += 1;
    console.error(`  failed: ${what}`);
  }
};

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'it-IT' });
const page = await context.newPage();
page.setDefaultTimeout(20000);
const focus = () => page.evaluate(() => ({ tag: document.activeElement.tagName, row: document.activeElement.closest('[data-row]')?.innerText ?? '', href: document.activeElement.getAttribute('href') }));
const press = async (...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};

try {
  await page.goto(`${base}/accedi`);
  await page.getByRole('button', { name: /^Teresa Galli/ }).first().focus();
  await Promise.all([page.waitForURL((url) => !url.pathname.startsWith('/accedi')), press('Enter')]);
  await page.goto(`${base}/ufficio`);

  // The list of keys opens and closes, and the focus comes back to the page.
  await press('?');
  check(await page.locator('#keys').isVisible(), '? lists the keys');
  await press('j');
  check(await page.locator('#keys').isVisible(), 'no other key is heard while the list is open');
  await press('Escape');
  check(!(await page.locator('#keys').isVisible()), 'Escape closes the list');

  // Down, down, up; the row is picked; the filters are reached, and there a letter is a letter.
  await press('j');
  const first = await focus();
  await press('j');
  const second = await focus();
  check(first.tag === 'A' && second.row !== '' && first.row !== second.row, `j goes from row to row: ${JSON.stringify([first, second])}`);
  await press('k');
  check((await focus()).row === first.row, 'k goes back');
  await press('x');
  check(await page.evaluate(() => document.activeElement.closest('[data-row]').querySelector('input[type="checkbox"]').checked), 'x picks the row');
  await press('x');
  await press('/');
  await page.keyboard.type('jk?');
  check(await page.evaluate(() => document.activeElement.value === 'jk?'), 'in a field letters are letters');
  check(!(await page.locator('#keys').isVisible()), 'and no key is heard');

  // Open, note, send: the note is there.
  await page.goto(`${base}/ufficio`);
  await press('j');
  await Promise.all([page.waitForURL(/\/ufficio\/messaggi\//), press('Enter')]);
  await press('n');
  check((await focus()).tag === 'TEXTAREA', 'n opens the note and stands in its field');
  const note = `Richiamare il richiedente, ${Date.now()}`;
  await page.keyboard.type(note);
  for (let n = 0; n < 5 && (await focus()).tag !== 'BUTTON'; n += 1) await press('Tab');
  await Promise.all([page.waitForURL(/fatto=/), press('Enter')]);
  check((await page.locator('main').innerText()).includes(note), 'the note is on the page');

  // Whoever does not want them switches them off, and they stay off.
  await press('?');
  await page.locator('#keys-on').focus();
  await press('Space', 'Escape');
  await page.goto(`${base}/ufficio`);
  await press('j');
  check((await focus()).row === '', 'switched off, they are not heard');
} catch (error) {
  check(false, error.stack.split('\n').slice(0, 6).join('\n    '));
}
await browser.close();
console.log(failed ? `keys: ${failed} failed` : 'keys: passed');
process.exit(failed ? 1 : 0);
