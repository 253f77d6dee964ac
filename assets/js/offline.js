// What pages that may be kept have in common: the worker, and what it shows when there is no network.

const policy = window.trustedTypes
  ? trustedTypes.createPolicy('plico-worker', {
      createScriptURL: (url) => {
        if (!/^\/(controllo|tessere)\/sw\.js$/.test(url)) throw new TypeError('not a worker of ours');
        return url;
      },
    })
  : { createScriptURL: (url) => url };

export const possible = 'serviceWorker' in navigator && 'caches' in window;

export async function register(worker, scope) {
  await navigator.serviceWorker.register(policy.createScriptURL(worker), { scope });
  await navigator.serviceWorker.ready;
}

// Puts this page and everything that it has loaded aside.
export async function keep(name, credentials) {
  await document.fonts.ready;
  const loaded = performance.getEntriesByType('resource').map((entry) => entry.name.split('#')[0]);
  const assets = [...new Set(loaded)].filter((url) => url.startsWith(`${location.origin}/assets/`));
  const cache = await caches.open(name);
  const page = await fetch(location.pathname, { credentials });
  if (!page.ok) throw new Error(`the page answered ${page.status}`);
  await cache.put(location.pathname, page);
  await cache.addAll(assets);
}
