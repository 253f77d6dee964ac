// The inspector's page. What it fetches is the same for everybody: keys and lists; what is checked stays here.
import decodeQR from './qr-decode.js';
import { NotACard, openKeys, openStatus, read, standing } from './card.js';
import { keep, possible, register } from './offline.js';

const page = document.querySelector('[data-inspector]');
const find = (name) => page.querySelector(`[data-${name}]`);
const issuers = new Map();
document.querySelector('[data-no-script]').hidden = true;
page.hidden = false;

// Keys and lists: what was kept, renewed when there is a network.
async function open(ipa, { keys, status }) {
  const issuer = await openKeys(keys);
  if (issuer.issuer !== ipa) throw new Error('keys of somebody else');
  issuer.status = await openStatus(status, issuer);
  const known = issuers.get(ipa);
  if (!known || known.status.at <= issuer.status.at) issuers.set(ipa, issuer);
}

async function renew(ipa) {
  const text = async (what) => {
    const answer = await fetch(`/.well-known/plico-cards/${ipa}/${what}`, { credentials: 'omit', cache: 'no-store' });
    if (!answer.ok) throw new Error(`${what} answered ${answer.status}`);
    return answer.text();
  };
  const fresh = { keys: await text('keys'), status: await text('status/0') };
  await open(ipa, fresh);
  localStorage.setItem(`plico-cards/${ipa}`, JSON.stringify(fresh));
}

async function load() {
  for (const ipa of page.dataset.issuers.split(' ').filter(Boolean)) {
    const kept = localStorage.getItem(`plico-cards/${ipa}`);
    if (kept) await open(ipa, JSON.parse(kept)).catch(() => {});
    await renew(ipa).catch(() => {});
  }
  const now = Date.now() / 1000;
  const lists = [...issuers.values()].map((issuer) => issuer.status);
  const oldest = Math.min(...lists.map((list) => list.at));
  const stale = !lists.length || lists.some((list) => list.exp <= now);
  find('fresh').hidden = !lists.length;
  if (lists.length) find('fresh-at').textContent = new Date(oldest * 1000).toLocaleString(document.documentElement.lang);
  find('stale').hidden = !stale;
}

const facts = find('facts');

function tell(word, card) {
  for (const block of page.querySelectorAll('[data-standing]')) block.hidden = block.dataset.standing !== word;
  facts.replaceChildren();
  facts.hidden = !card;
  if (!card) return;
  const issuer = issuers.get(card.issuer);
  const look = issuer?.types.find((type) => type.code === card.kind);
  const english = document.documentElement.lang === 'en';
  const day = (seconds) => new Date(seconds * 1000).toLocaleDateString(document.documentElement.lang, { timeZone: 'Europe/Rome' });
  const said = [
    [facts.dataset.kind, (english && look?.name_en) || look?.name || card.kind],
    [facts.dataset.holder, card.name],
    [facts.dataset.number, card.number],
    ...card.values.map((value, place) => [look?.fields[place] ?? `${place + 1}`, value]),
    [facts.dataset.from, day(card.from)],
    [facts.dataset.until, day(card.until - 1)],
    [facts.dataset.issuer, issuer?.name ?? card.issuer],
  ];
  for (const [label, value] of said.filter(([, value]) => value)) {
    const row = document.createElement('div');
    const [term, told] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = label;
    told.textContent = value;
    row.append(term, told);
    facts.append(row);
  }
}

async function check(text) {
  let card;
  try {
    card = read(text);
  } catch (error) {
    tell(error instanceof NotACard ? 'not-a-card' : 'damaged');
    return;
  }
  const word = await standing(card, issuers.get(card.issuer), Date.now() / 1000);
  // What nobody we know signed says nothing: it is not shown as if it did.
  tell(word, ['unknown-key', 'forged'].includes(word) ? null : card);
}

// Pictures: the decoder takes pixels; a large photograph is tried smaller too.
function decode(source, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(source, 0, 0, width, height);
  try {
    return decodeQR(context.getImageData(0, 0, width, height));
  } catch {
    return null;
  }
}

find('picture').addEventListener('change', async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  const picture = await createImageBitmap(file).catch(() => null);
  let text = null;
  for (const side of [1200, 2000, 800]) {
    if (!picture || text) break;
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    text = decode(picture, Math.round(picture.width * scale), Math.round(picture.height * scale));
  }
  if (text) await check(text);
  else tell('no-code');
});

page.querySelector('[data-typed]').addEventListener('submit', async (event) => {
  event.preventDefault();
  // A line that was broken where it was copied; a space within the code is part of it.
  await check(document.getElementById('f-code').value.replaceAll(/[\r\n]/g, '').trim());
});

// The camera, until a card is read or it is stopped.
const video = find('video');
let stream = null;

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  video.hidden = true;
  find('stop').hidden = true;
  find('camera').hidden = false;
}

async function look() {
  if (!stream) return;
  if (video.videoWidth) {
    const scale = Math.min(1, 1000 / Math.max(video.videoWidth, video.videoHeight));
    const text = decode(video, Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale));
    if (text) {
      stop();
      await check(text);
      find('result').focus();
      return;
    }
  }
  setTimeout(look, 120);
}

find('stop').addEventListener('click', stop);
find('camera').addEventListener('click', async () => {
  tell(null);
  try {
    const wanted = { video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } } };
    stream = await navigator.mediaDevices.getUserMedia(wanted);
  } catch {
    find('no-camera').hidden = false;
    return;
  }
  find('no-camera').hidden = true;
  video.srcObject = stream;
  video.hidden = false;
  find('stop').hidden = false;
  find('camera').hidden = true;
  await video.play();
  await look();
});

await load();
page.dataset.ready = '1';
if (possible) {
  await register('/controllo/sw.js', '/controllo');
  // Of the page as anybody sees it, so that nothing of who is signed in is kept.
  await keep('plico-inspector', 'omit').catch(() => {});
  find('offline-ready').hidden = false;
  page.dataset.offline = '1';
}
addEventListener('online', load);
