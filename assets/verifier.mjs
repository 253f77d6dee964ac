// Builds the offline verifier into one file, `dist/verifica.html`: script, style and words inside, and a policy that lets it load nothing.
// And `dist/verify.js`, which hashes files on the public page.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const room = join(here, 'verifier');
const most = 1024 * 1024;
const wanted = /^(check|event|fact|verifier|verify)-|^language-choice$/;

// The words of the page are those of the program: one line, one text.
function catalogue(language) {
  const folder = join(here, '../locales', language);
  const lines = readdirSync(folder).sort().flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
  const texts = lines.map((line) => /^([a-z][a-z0-9_-]*) = (.*)$/.exec(line)).filter((found) => found && wanted.test(found[1]));
  return Object.fromEntries(texts.map(([, key, text]) => [key, text]));
}

async function bundle(entry, define) {
  const { outputFiles } = await build({
    entryPoints: [join(room, 'src', entry)],
    bundle: true,
    write: false,
    format: 'iife',
    target: ['chrome116', 'firefox119', 'safari17'],
    minify: true,
    charset: 'utf8',
    legalComments: 'inline',
    define,
  });
  return outputFiles[0].text.trim();
}

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

// Puts both files into the folder, and says how large they are.
export async function verifier(dist) {
  const words = { it: catalogue('it'), en: catalogue('en') };
  for (const key of Object.keys(words.it)) if (!(key in words.en)) throw new Error(`${key} is not in English`);
  const script = await bundle('page.js', { CATALOGUE: JSON.stringify(words) });
  if (script.includes('</script')) throw new Error('the script would end early');
  const style = readFileSync(join(room, 'style.css'), 'utf8').trim();
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  const version = /^version = "(.*)"$/m.exec(readFileSync(join(here, '../Cargo.toml'), 'utf8'))[1];
  const parts = { policy, style, script, version };
  const html = readFileSync(join(room, 'page.html'), 'utf8').replace(/\{\{([a-z]+)\}\}/g, (_, name) => parts[name]);
  if (Buffer.byteLength(html) > most) throw new Error('the offline verifier is larger than a megabyte');
  writeFileSync(join(dist, 'verifica.html'), html);
  writeFileSync(join(dist, 'verify.js'), `${await bundle('hash.js', {})}\n`);
}
