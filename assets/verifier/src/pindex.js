// The index of preservers (UNI 11386): every path that it names, with the SHA-256 that it gives. Read as a run of tags: nothing of XML is
// needed that a parser of entities and document types would bring.
import { fromHex, text } from './bytes.js';

const LONGEST_TEXT = 4096;
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const TOKEN = /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[[^]*?\]\]>|<!|<\/([^\s>]+)\s*>|<([^\s/>]+)((?:\s+[^\s=>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|&([^;&<]{1,12});|[^<&]+|[<&]/g;

// Pairs of path and digest; an error says what is wrong.
export function read(bytes) {
  const whole = text(bytes);
  if (whole === undefined) throw new Error('it is not UTF-8');
  const [named, open] = [[], []];
  let [content, path] = ['', undefined];
  for (const [token, closing, opening, , empty, entity] of whole.matchAll(TOKEN)) {
    if (token === '<!') throw new Error('an index has no document type');
    if (token === '<' || token === '&') throw new Error('it is not well formed');
    if (opening) {
      if (!empty) open.push(opening);
      if (open.length > 32) throw new Error('nested deeper than an index is');
      if (!empty) content = '';
    } else if (closing) {
      if (open.pop() !== closing) throw new Error('it is not well formed');
      path = ended(closing.replace(/^.*:/, ''), content.trim(), path, named);
      content = '';
    } else if (entity) {
      content += character(entity);
    } else if (!token.startsWith('<')) {
      content += token;
    }
    if (content.length > LONGEST_TEXT) throw new Error('a text longer than any of an index');
  }
  if (open.length > 0 || path !== undefined) throw new Error('it ends early');
  return named;
}

function ended(element, content, path, named) {
  if (element === 'Path') {
    if (path !== undefined) throw new Error('a path without its hash');
    return fromUri(content);
  }
  if (element !== 'Hash') return path;
  if (path === undefined) throw new Error('a hash without its path');
  named.push([path, content.toLowerCase()]);
  return undefined;
}

function character(entity) {
  if (Object.hasOwn(ENTITIES, entity)) return ENTITIES[entity];
  const [, hexadecimal, decimal] = /^#(?:x([0-9A-Fa-f]+)|([0-9]+))$/.exec(entity) ?? [];
  const point = hexadecimal ? parseInt(hexadecimal, 16) : Number(decimal);
  if (!(point > 0 && point <= 0x10ffff)) throw new Error('a reference that is not of XML itself');
  return String.fromCodePoint(point);
}

function fromUri(uri) {
  const out = [];
  for (const [piece] of uri.matchAll(/%[^]{0,2}|[^%]+/g)) {
    const byte = piece[0] === '%' ? fromHex(piece.slice(1).toLowerCase()) : new TextEncoder().encode(piece);
    if (!byte || (piece[0] === '%' && byte.length !== 1)) throw new Error('a path that is not UTF-8');
    out.push(...byte);
  }
  const path = text(Uint8Array.from(out));
  if (path === undefined) throw new Error('a path that is not UTF-8');
  return path;
}
