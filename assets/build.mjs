// Builds assets/dist: the style sheet purged to what the templates use, our script, a sprite of the icons they name,
// the fonts. Fails when the first view grows beyond its budget: a slow page is a defect like another.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { PurgeCSS } from 'purgecss';
import { compile } from 'sass';
import { verifier } from './verifier.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const base = join(here, 'node_modules/bootstrap-italia/dist');
const budget = 150 * 1024;

const walk = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
  );

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, 'fonts'), { recursive: true });

const scripts = walk(join(here, 'js')).filter((file) => !file.endsWith('worker.js'));
const templates = walk(join(here, '../templates')).filter((file) => file.endsWith('.html'));
const pages = templates.map((file) => readFileSync(file, 'utf8')).join('\n');

// Fonts: the name bears a hash, so that they may be cached for ever.
const faces = {
  'titillium-400': 'Titillium_Web/titillium-web-v10-latin-ext_latin-regular.woff2',
  'titillium-600': 'Titillium_Web/titillium-web-v10-latin-ext_latin-600.woff2',
  'titillium-700': 'Titillium_Web/titillium-web-v10-latin-ext_latin-700.woff2',
  'roboto-mono-400': 'Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular.woff2',
};
const fontFile = {};
for (const [name, source] of Object.entries(faces)) {
  const bytes = readFileSync(join(base, 'fonts', source));
  fontFile[name] = `${name}.${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.woff2`;
  writeFileSync(join(dist, 'fonts', fontFile[name]), bytes);
}
cpSync(join(base, 'fonts/Titillium_Web/OFL.txt'), join(dist, 'fonts/titillium-LICENSE.txt'));
cpSync(join(base, 'fonts/Roboto_Mono/LICENSE.txt'), join(dist, 'fonts/roboto-mono-LICENSE.txt'));

// Style: compiled, purged.
const compiled = compile(join(here, 'scss/plico.scss'), {
  style: 'compressed',
  loadPaths: [join(here, 'node_modules/bootstrap-italia/src/scss')],
  quietDeps: true,
  silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function', 'slash-div'],
  logger: { warn: () => {} },
}).css;
const [purged] = await new PurgeCSS().purge({
  content: [...templates, ...scripts],
  css: [{ raw: compiled }],
  variables: true,
  safelist: { variables: ['--bootstrap-italia-version'] },
  defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
});
let css = purged.css;
for (const [name, file] of Object.entries(fontFile)) css = css.replaceAll(`fonts/${name}.woff2`, `fonts/${file}`);
if (/url\(["']?(https?:)?\/\//.test(css)) throw new Error('the style sheet asks a third party for something');
writeFileSync(join(dist, 'plico.css'), css);

// Icons: only those that a template names.
const sprites = readFileSync(join(base, 'svg/sprites.svg'), 'utf8');
const names = [...new Set(pages.match(/\bit-[a-z][a-z-]*/g))].sort();
const symbols = names
  .map((name) => sprites.match(new RegExp(`<symbol id="${name}"[^]*?</symbol>`))?.[0])
  .filter(Boolean);
writeFileSync(join(dist, 'sprite.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`);

for (const file of ['favicon.svg', 'crest.svg', 'hero.svg']) cpSync(join(here, 'img', file), join(dist, file));
for (const file of scripts) cpSync(file, join(dist, basename(file)));
// The reader of codes, two modules as they are published; the worker is served elsewhere, by the pages of its scope.
const qr = join(here, 'node_modules/qr');
const decoder = readFileSync(join(qr, 'decode.js'), 'utf8').replace("from './index.js'", "from './qr-tables.js'");
writeFileSync(join(dist, 'qr-decode.js'), decoder);
cpSync(join(qr, 'index.js'), join(dist, 'qr-tables.js'));
cpSync(join(qr, 'LICENSE'), join(dist, 'qr-LICENSE.txt'));
cpSync(join(base, '../LICENSE'), join(dist, 'bootstrap-italia-LICENSE.txt'));

await verifier(dist);

// Compressed once here, better than a server could while somebody waits.
const texts = walk(dist).filter((file) => /\.(css|html|js|svg)$/.test(file));
for (const file of texts) {
  const bytes = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(bytes));
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}

// What only single pages have: the verifier, its page's script, the modules of cards.
const later = /(^|\/)(verifica\.html|(verify|card|inspector|offline|pass|qr-decode|qr-tables)\.js)$/;

// The cold first view: everything but the page itself, for which 12 KiB are set aside.
const weigh = (file) =>
  statSync(file.endsWith('.woff2') ? file : `${file}.br`).size;
const parts = walk(dist).filter((file) => !/(LICENSE\.txt|\.br|\.gz)$/.test(file) && !later.test(file));
let total = 12 * 1024;
for (const file of parts) {
  const weight = weigh(file);
  total += weight;
  console.log(`${String(weight).padStart(8)}  ${file.slice(dist.length + 1)}`);
}
console.log(`${String(total).padStart(8)}  cold first view (budget ${budget}), ${symbols.length} icons`);
for (const file of walk(dist).filter((file) => later.test(file))) {
  console.log(`${String(statSync(file).size).padStart(8)}  ${file.slice(dist.length + 1)}, as it is; ${weigh(file)} packed`);
}
if (total > budget) throw new Error('the first view is heavier than its budget');
