// Walks a running demo as each kind of person and asks every page the questions of browser.mjs: node crawl.mjs BASE [most pages a person]
// A page is known by its address with identifiers taken out, so that a thousand messages are one page.
import { faults, launch, listen, widths } from './browser.mjs';

const [base, most = '60'] = process.argv.slice(2);
if (!base) {
  console.error('node crawl.mjs BASE [most pages a person]');
  process.exit(64);
}
const origin = new URL(base).origin;
const pattern = (url) =>
  new URL(url).pathname
    .split('/')
    .map((piece) => (/\d/.test(piece) && piece.length > 3 ? '…' : piece))
    .join('/');
// Not pages: files, other languages, the way out.
const skipped = /^\/(lingua|esci|assets|api)\b|\/scarica$|\.(pdf|zip|p7m|csv|evidence)$/;

const wrong = new Map();
const seen = new Set();

async function links(page) {
  const found = await page.$$eval('a[href]:not([download])', (all) => all.map((a) => a.href));
  return found.map((href) => href.split('#')[0]).filter((href) => href.startsWith(origin) && !skipped.test(new URL(href).pathname));
}

async function walk(browser, who, enter) {
  const context = await browser.newContext({ viewport: { width: widths[0], height: 800 }, locale: 'it-IT' });
  const page = await context.newPage();
  const heard = await listen(page);
  await enter(page);
  const queue = [page.url()];
  const done = new Set();
  while (queue.length && done.size < Number(most)) {
    const url = queue.shift();
    const name = pattern(url);
    if (done.has(name)) continue;
    done.add(name);
    const answer = await page.goto(url, { waitUntil: 'load' }).catch((error) => (heard.push(error.message.split('\n')[0]), null));
    const html = answer && (answer.headers()['content-type'] ?? '').includes('text/html');
    for (const fault of [...(html ? await faults(page) : []), ...heard.splice(0)]) {
      wrong.set(fault, [...(wrong.get(fault) ?? []), `${who} ${name}`]);
    }
    if (!html) continue;
    seen.add(`${who} ${name}`);
    queue.push(...(await links(page)));
  }
  await context.close();
}

const browser = await launch();
await walk(browser, 'anybody', (page) => page.goto(base));
const page = await browser.newPage();
await page.goto(`${base}/accedi`);
// One of each kind: the same pages as another citizen are the same pages.
const personas = await page.$$eval('button[name="persona"]', (all) => {
  const kinds = new Map();
  for (const button of all) {
    const kind = button.textContent.replace(button.querySelector('strong').textContent, '').trim().split(',')[0];
    if (!kinds.has(kind)) kinds.set(kind, button.value);
  }
  return [...kinds.values()];
});
await page.close();
for (const persona of personas) {
  await walk(browser, persona, async (page) => {
    await page.goto(`${base}/accedi`);
    await page.click(`button[name="persona"][value="${persona}"]`);
  });
}
await browser.close();

for (const [fault, pages] of wrong) console.error(`${fault}\n    ${pages.length} × ${pages.slice(0, 4).join(', ')}`);
console.log(`${seen.size} pages as ${personas.length + 1} people at ${widths.join(' and ')} px: ${wrong.size} different faults`);
process.exit(wrong.size ? 1 : 0);
