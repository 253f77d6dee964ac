// The result on the page: the verdict, every check, what the parts tell, and the report as a program reads it.
import { current, has, instant, t } from './words.js';

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

const MARKS = { ok: '✓', failed: '✗', absent: '–' };

export function show(section, report, name) {
  const title = element('h2', { id: 'verdict', class: report.verdict }, t(`verify-result-${report.verdict}`));
  section.dataset.verdict = report.verdict;
  section.replaceChildren(
    title,
    element('p', {}, t(`verify-result-${report.verdict}-text`)),
    element('p', {}, `${t('verify-file')} `, element('strong', {}, name)),
    element('h3', {}, t('verify-checks')),
    element('ul', { class: 'checks' }, ...report.checks.map(line)),
    ...told(report.facts),
    element('details', {}, element('summary', {}, t('verifier-report')), element('pre', { id: 'report', tabindex: '0' }, written(report))),
  );
  section.hidden = false;
  section.focus();
}

export const written = (report) => JSON.stringify(report, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2);

function line({ name, result, detail }) {
  const word = element('span', { class: result }, element('span', { 'aria-hidden': 'true' }, `${MARKS[result]} `), t(`check-result-${result}`));
  const meaning = `check-${result}-${name}`;
  const notes = has(meaning) ? [element('p', {}, t(meaning))] : [];
  // The verifiers speak English; in Italian their words are given where they say which thing is wrong. All of them are in the report.
  if (detail && (current() === 'en' || result === 'failed')) notes.push(element('p', { lang: 'en' }, detail));
  return element('li', { 'data-check': name, 'data-result': result }, word, `: ${t(`check-${name}`)}`, ...notes);
}

function told(facts) {
  const rows = [...of(facts)];
  if (rows.length === 0) return [];
  const list = rows.map(([label, value]) => element('div', {}, element('dt', {}, label), element('dd', {}, value)));
  return [element('h3', {}, t('verify-facts')), element('p', {}, t('verify-facts-text')), element('dl', {}, ...list)];
}

// What is told, in pairs: first what people ask, then every part as it stands.
function* of(facts) {
  if (facts.kind) yield [t('fact-what'), t(`event-${facts.kind.replace('.', '-')}`)];
  for (const [key, label] of [['instant', 'fact-when'], ['first', 'fact-first'], ['last', 'fact-last'], ['not_before', 'fact-not-before'], ['not_after', 'fact-not-after']]) {
    if (facts[key]) yield [t(label), instant(facts[key])];
  }
  for (const [key, label] of [['events', 'fact-events'], ['receipts', 'fact-receipts']]) if (facts[key]) yield [t(label), String(facts[key])];
  if (facts.origin) yield [t('fact-place'), `${facts.origin} #${facts.index}`];
  if (facts.succeeds) yield [t('fact-succeeds'), t('fact-succeeds-value', facts.succeeds)];
  if (facts.sealed_by) yield [t('fact-sealed-by'), facts.sealed_by];
  if (facts.case_file) yield* flat('fascicolo', facts.case_file);
  for (const document of facts.documents ?? []) {
    const elsewhere = document.file === null ? 'fact-document-elsewhere' : 'fact-document';
    yield [t(document.given ? 'fact-document-given' : elsewhere, document), document.sha256];
  }
  for (const [name, part] of Object.entries(facts.parts ?? {})) yield* flat(name, part);
}

function* flat(path, value) {
  if (value === null || typeof value !== 'object') yield [path, String(value)];
  else for (const [key, inner] of Object.entries(value)) yield* flat(`${path}.${key}`, inner);
}
