// Looks at pages rendered into a folder (PLICO_PREVIEW of the locale crate's tests): node preview.mjs FOLDER [name part…]
// Serves them with the real policy and fails on any fault. Photographs into FOLDER/shots those that are named, or all with SHOTS=1.
import { createServer } from 'node:http';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faults, launch, listen, widths } from './browser.mjs';

const [folder, ...parts] = process.argv.slice(2);
if (!folder) {
  console.error('node preview.mjs FOLDER [name part…]');
  process.exit(64);
}
const dist = fileURLToPath(new URL('../../assets/dist/', import.meta.url));
const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const types = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://here').pathname;
  const file = path.startsWith('/assets/') ? join(dist, path.slice(8)) : join(folder, path.slice(1));
  try {
    const body = readFileSync(file);
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': policy });
    response.end(body);
  } catch {
    // What a page asks for of its own: a worker that does nothing, and keys that are none.
    if (/^\/\.well-known\/|\/sw\.js$/.test(path)) {
      response.writeHead(200, { 'content-type': 'text/javascript', 'content-security-policy': policy, 'service-worker-allowed': '/' });
      response.end('');
      return;
    }
    // A page of a sample links to things that are not there; only what it loads matters.
    const embedded = ['iframe', 'image', 'object'].includes(request.headers['sec-fetch-dest']);
    response.writeHead(embedded ? 200 : 404, { 'content-type': 'text/plain', 'content-security-policy': policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'") });
    response.end('');
  }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const base = `http://127.0.0.1:${server.address().port}`;

const names = readdirSync(folder).filter((name) => name.endsWith('.html') && (parts.length === 0 || parts.some((part) => name.includes(part))));
const photograph = parts.length > 0 || Boolean(process.env.SHOTS);
mkdirSync(join(folder, 'shots'), { recursive: true });
const browser = await launch();
// The same fault on many pages is said once, with the pages that have it.
const wrong = new Map();

// Two at a time: the browser works on one while the other loads.
async function look(some) {
  const context = await browser.newContext({ viewport: { width: widths.at(-1), height: 800 } });
  for (const name of some) {
    const page = await context.newPage();
    const heard = await listen(page);
    await page.goto(`${base}/${name}`);
    for (const fault of [...(await faults(page)), ...heard]) {
      wrong.set(fault, [...(wrong.get(fault) ?? []), name]);
    }
    // Afterwards: taking a picture leaves traces on the fields.
    for (const width of photograph ? widths : []) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: join(folder, 'shots', name.replace('.html', `-${width}.png`)), fullPage: true });
    }
    await page.close();
  }
  await context.close();
}
await Promise.all([0, 1].map((half) => look(names.filter((_, at) => at % 2 === half))));
await browser.close();
server.close();
for (const [fault, pages] of wrong) console.error(`${fault}\n    ${pages.length} × ${pages.slice(0, 4).join(', ')}`);
console.log(`${names.length} pages at ${widths.join(' and ')} px: ${wrong.size} different faults`);
process.exit(wrong.size ? 1 : 0);
