// What every browser test needs: Debian's Chromium, and the questions asked of every page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

// Evaluated once a page and not per width: a page is looked at twice for the price of one load.
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const widths = [320, 1280];

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
  });

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// Everything that is wrong with the page as it stands, at both widths: axe without an allow-list, sideways scrolling, faces that
// are not ours. A fault begins with the width at which it was found. `house`: a page of ours, with our faces and our policy.
export async function faults(page, house = true) {
  await page.evaluate(() => document.fonts.ready.then(() => true));
  await page.evaluate(`${axe}; 0`);
  const found = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const here = [...(await page.evaluate(own, house)), ...(await page.evaluate(asked, tags))];
    found.push(...here.map((fault) => `${width}: ${fault}`));
  }
  return found;
}

// In the page.
async function asked(tags) {
  const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values: tags }, iframes: false, resultTypes: ['violations'] });
  return violations.map(({ id, help, nodes }) => `axe ${id}: ${help}: ${nodes.map((node) => `${node.target} ${node.html.slice(0, 160)}`).slice(0, 3).join(' | ')}`);
}

function own(house) {
  const wrong = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) {
    const culprits = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
    const last = culprits.at(-1);
    wrong.push(`scrolls sideways by ${wide} px: ${last?.tagName}.${last?.className}`);
  }
  if (document.querySelectorAll('h1').length !== 1) wrong.push('not exactly one h1');
  if (!house) return wrong;
  const faces = new Set([...document.querySelectorAll('h1,h2,h3,p')].map((e) => getComputedStyle(e).fontFamily.split(',')[0].replaceAll('"', '')));
  for (const face of faces) if (!['Titillium Web', 'Roboto Mono'].includes(face)) wrong.push(`face ${face}`);
  if (document.querySelector('[style], style, script:not([src])')) wrong.push('inline style or script, which the policy forbids');
  return wrong;
}

// Errors of the page itself: a refused resource, an exception. And no page reloads itself while it is being looked at.
export async function listen(page) {
  await page.addInitScript(() => {
    if (window === top) sessionStorage.setItem(`looked:${location.pathname}`, '99');
  });
  const heard = [];
  page.on('console', (message) => message.type() === 'error' && heard.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => heard.push(`script: ${error.message}`));
  page.on('response', (response) => response.status() >= 400 && heard.push(`${response.status()} ${response.url()}`));
  return heard;
}
