// Shows pages without a network: what a page put aside itself, and nothing else. Its scope is the inspector's page, or cards.
'use strict';
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return;
  const kept = () => caches.match(request, { ignoreVary: true, ignoreSearch: true });
  event.respondWith(fetch(request).catch(async (error) => {
    const answer = await kept();
    if (answer) return answer;
    throw error;
  }));
});
