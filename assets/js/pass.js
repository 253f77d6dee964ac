// A card on its holder's telephone: kept only when he says so, and forgotten when he says so.
import { keep, possible, register } from './offline.js';

const { pass } = document.querySelector('[data-pass]').dataset;
const name = `plico-card-${pass}`;
const keeper = document.querySelector('[data-keep]');
const forgetter = document.querySelector('[data-forget]');
const words = document.querySelector('[data-kept]');
const live = document.getElementById('live');

async function show() {
  const kept = await caches.has(name);
  keeper.hidden = kept;
  forgetter.hidden = !kept;
  return kept;
}

if (possible) {
  // What is kept follows what the office says, each time there is a network.
  if ((await show()) && navigator.onLine) await keep(name, 'same-origin').catch(() => {});
  keeper.addEventListener('click', async () => {
    await register('/tessere/sw.js', '/tessere/');
    await keep(name, 'same-origin');
    await show();
    live.textContent = words.dataset.kept;
  });
  forgetter.addEventListener('click', async () => {
    await caches.delete(name);
    await show();
    live.textContent = words.dataset.forgotten;
  });
}
