// The words of the page, from the catalogues of the program; `CATALOGUE` is put in when the file is built.
const catalogue = CATALOGUE;
export const languages = { it: 'Italiano', en: 'English' };
let language = navigator.language?.startsWith('it') ? 'it' : 'en';

export const current = () => language;
export function choose(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
}

// A text; where there is none, nothing.
export const has = (key) => Object.hasOwn(catalogue[language], key);
export const t = (key, values = {}) => (has(key) ? catalogue[language][key].replace(/\{ \$([a-z_]+) \}/g, (_, name) => values[name] ?? '') : key);
export const instant = (at) => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'medium', timeZone: 'Europe/Rome' }).format(new Date(at));
