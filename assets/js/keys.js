// Keys for those who work here all day. One letter each, so they can be switched off (WCAG 2.1.4), and none is heard while
// somebody types. A key moves the focus or opens a form: what is done is done by a button.
(() => {
  'use strict';
  const dialog = document.getElementById('keys');
  if (!dialog) return;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const kept = {
    get off() {
      try {
        return localStorage.getItem('keys') === 'off';
      } catch {
        return false;
      }
    },
    set off(off) {
      try {
        localStorage.setItem('keys', off ? 'off' : 'on');
      } catch {
        // A browser that keeps nothing asks again on the next page.
      }
    },
  };

  const on = document.getElementById('keys-on');
  on.checked = !kept.off;
  on.addEventListener('change', () => {
    kept.off = !on.checked;
  });
  const opener = document.getElementById('keys-open');
  opener.hidden = false;
  opener.addEventListener('click', () => dialog.showModal());

  const rows = all('[data-row] a.plico-row-link, [data-row] a.plico-keys');
  const row = () => document.activeElement.closest('[data-row]');
  const walk = (by) => {
    const at = rows.findIndex((link) => link.closest('[data-row]') === row());
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  };
  // The form behind a key, opened, with the focus on its first field.
  const enter = (name) => {
    const target = document.querySelector(`[data-key="${name}"]`);
    if (!target) return;
    for (let around = target.closest('details'); around; around = around.parentElement.closest('details')) around.open = true;
    const first = target.matches('a, button') ? target : target.querySelector('select, input:not([type="hidden"]), textarea, button');
    first?.focus();
    first?.scrollIntoView({ block: 'nearest' });
  };
  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    x: () => row()?.querySelector('input[type="checkbox"]')?.click(),
    '/': () => enter('/'),
    '?': () => dialog.showModal(),
  };
  for (const name of ['a', 'c', 'n', 'f', 'r', 'u']) keys[name] = () => enter(name);

  addEventListener('keydown', (event) => {
    if (kept.off || dialog.open || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest('textarea, select, [contenteditable], input:not([type="checkbox"])')) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
