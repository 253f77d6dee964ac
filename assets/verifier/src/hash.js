// On the public page: what is chosen to be compared is hashed here, and only its digest is sent. Without script it is uploaded.
import { sha256 } from '@noble/hashes/sha2.js';
import { hex } from './bytes.js';

async function digest(file) {
  const running = sha256.create();
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return hex(running.digest());
    running.update(value);
  }
}

for (const form of document.querySelectorAll('form[data-hash]')) {
  const input = form.elements.namedItem(form.dataset.hash);
  const say = (text) => {
    const live = document.getElementById('live');
    if (live) live.textContent = text;
  };
  form.addEventListener('submit', async (event) => {
    if (form.dataset.sent || input.files.length === 0) return;
    event.preventDefault();
    say(form.dataset.hashing);
    try {
      for (const file of input.files) {
        const hidden = document.createElement('input');
        // In the form of sha256sum: what a name may not hold there, it does not hold here.
        Object.assign(hidden, { type: 'hidden', name: 'digest', value: `${await digest(file)}  ${file.name}` });
        form.append(hidden);
      }
      input.value = '';
      HTMLFormElement.prototype.submit.call(form);
    } catch {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll('.plico-busy')) {
        button.classList.remove('plico-busy');
        button.removeAttribute('aria-disabled');
      }
      say(form.dataset.unreadable);
    }
  });
}
