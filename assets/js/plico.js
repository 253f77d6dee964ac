// Improves pages that work without it. Nothing here may be needed: every form posts, every link leads somewhere.
(() => {
  'use strict';
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Saying something to a screen reader without moving the focus.
  const live = document.getElementById('live');
  const say = (text) => {
    if (live && text) live.textContent = text;
  };

  // After a form came back, begin with what is wrong.
  const summary = document.querySelector('.plico-summary');
  if (summary) summary.focus();

  // A second click on "send" is a habit, not a wish. The server is idempotent; this only spares the wait.
  for (const form of all('form[method="post"]')) {
    form.addEventListener('submit', (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = '1';
      const button = event.submitter;
      if (button) {
        button.setAttribute('aria-disabled', 'true');
        button.classList.add('plico-busy');
      }
      say(document.body.dataset.waiting);
    });
  }
  // A page taken from the history may be sent again.
  addEventListener('pageshow', () => {
    for (const form of all('form[data-sent]')) {
      delete form.dataset.sent;
      for (const button of all('.plico-busy', form)) {
        button.classList.remove('plico-busy');
        button.removeAttribute('aria-disabled');
      }
    }
  });

  // Files: drop them on the box; what was chosen is listed before it travels.
  for (const drop of all('.plico-drop')) {
    const input = drop.querySelector('input[type="file"]');
    const list = drop.querySelector('.plico-drop-list');
    const limit = Number(drop.dataset.limit || 0);
    const unit = (bytes) => {
      const step = bytes < 1e6 ? [1e3, 'kB'] : [1e6, 'MB'];
      return `${(bytes / step[0]).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${step[1]}`;
    };
    const show = () => {
      list.replaceChildren(
        ...[...input.files].map((file) => {
          const item = document.createElement('li');
          item.textContent = `${file.name} · ${unit(file.size)}`;
          if (limit && file.size > limit) {
            item.className = 'text-danger';
            item.textContent += ` · ${drop.dataset.tooLarge}`;
          }
          return item;
        }),
      );
      list.hidden = input.files.length === 0;
      say(list.textContent);
    };
    input.addEventListener('change', show);
    for (const name of ['dragenter', 'dragover']) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.add('plico-drop-over');
      });
    }
    for (const name of ['dragleave', 'drop']) {
      drop.addEventListener(name, () => drop.classList.remove('plico-drop-over'));
    }
    drop.addEventListener('drop', (event) => {
      event.preventDefault();
      if (event.dataTransfer && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        show();
      }
    });
    drop.classList.add('plico-drop-ready');
  }

  // A digest or a number is copied rather than retyped.
  for (const button of all('[data-copy]')) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      say(button.dataset.copied);
      button.classList.add('plico-copied');
    });
  }

  for (const button of all('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }

  // The session: say five minutes before the end that it ends, and let one click prolong it.
  const warning = document.getElementById('session-warning');
  if (warning) {
    const ends = Date.now() + Number(warning.dataset.seconds) * 1000;
    const timer = setInterval(() => {
      const left = ends - Date.now();
      if (left > 5 * 60 * 1000) return;
      warning.hidden = false;
      if (left <= 0) clearInterval(timer);
    }, 10_000);
  }

  // A code in the address of a printed QR code stands behind the sign that is not sent on: it goes into its field.
  const behind = document.querySelector('[data-code-behind]');
  if (behind && location.hash.length > 1) {
    document.getElementById(behind.dataset.codeBehind).value = decodeURIComponent(location.hash.slice(1));
  }

  // While a receipt is being prepared, look again a few times, unless the person is busy on the page.
  if (document.querySelector('[data-refresh]')) {
    const key = `looked:${location.pathname}`;
    const looked = Number(sessionStorage.getItem(key) || 0);
    if (looked < 5) {
      setTimeout(
        () => {
          if (document.activeElement !== document.body) return;
          sessionStorage.setItem(key, String(looked + 1));
          location.reload();
        },
        2000 * (looked + 1),
      );
    }
  }
})();
