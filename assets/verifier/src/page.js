// The page around the verifier: what is chosen, what is said meanwhile, and the answer. Nothing is sent anywhere.
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from './bytes.js';
import { show } from './show.js';
import { policy as readPolicy, verify } from './verifier.js';
import { choose, current, languages, t } from './words.js';

const at = (id) => document.getElementById(id);
const [form, status, result] = [at('form'), at('status'), at('result')];
let last;

function speak() {
  document.title = `${t('verifier-title')} · Plico`;
  for (const place of document.querySelectorAll('[data-t]')) place.textContent = t(place.dataset.t);
  const buttons = Object.entries(languages).map(([code, name]) => {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', textContent: name, lang: code });
    button.setAttribute('aria-pressed', String(code === current()));
    button.addEventListener('click', () => {
      choose(code);
      speak();
      at('languages').children[Object.keys(languages).indexOf(code)].focus();
    });
    return button;
  });
  at('languages').replaceChildren(...buttons);
  at('languages').setAttribute('aria-label', t('language-choice'));
  if (last) show(result, last.report, last.name);
}

// The digest of a file of any size, piece by piece.
async function digest(file) {
  const running = sha256.create();
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return running.digest();
    running.update(value);
  }
}

const bytes = async (file) => new Uint8Array(await file.arrayBuffer());

async function chosenPolicy() {
  const [file] = at('policy').files;
  const pasted = at('pasted').value.trim();
  if (file && pasted) throw new Error(t('verifier-two-policies'));
  if (file) return readPolicy(await bytes(file));
  return pasted ? readPolicy(utf8(`${pasted}\n`)) : undefined;
}

async function answer() {
  const [file] = at('file').files;
  if (!file) throw new Error(t('verifier-no-file'));
  const policy = await chosenPolicy();
  const given = { documents: [], evidence: [] };
  for (const one of at('documents').files) given.documents.push({ name: one.name, sha256: await digest(one) });
  for (const one of at('evidence').files) given.evidence.push(await bytes(one));
  const report = await verify(file, given, policy, Date.now());
  if (report.facts.messages && given.documents.length + given.evidence.length > 0) throw new Error(t('verify-dossier-alone'));
  return { report, name: file.name };
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = '1';
  last = undefined;
  result.hidden = true;
  status.textContent = t('verifier-working');
  try {
    last = await answer();
    status.textContent = '';
    show(result, last.report, last.name);
  } catch (error) {
    status.textContent = `${t('verifier-cannot')} ${error.message}`;
  }
  delete form.dataset.busy;
});

// Dropping is an extra: everything is done without it.
for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.toggle('over', name.startsWith('dragenter') || name === 'dragover');
  });
}
document.addEventListener('drop', (event) => {
  if (!event.dataTransfer?.files.length) return;
  const input = event.target.closest?.('.field')?.querySelector('input[type="file"]') ?? at('file');
  input.files = event.dataTransfer.files;
});

choose(current());
speak();
if (crypto.subtle && globalThis.DecompressionStream) {
  form.hidden = false;
} else {
  at('limits').previousElementSibling?.remove();
  const old = document.createElement('p');
  old.textContent = t('verifier-old-browser');
  form.replaceWith(old);
}
