// Whether a history is all there: each event names the one before it of its subject, so that a hole shows.
import { hex } from './bytes.js';
import { parse } from './leaf.js';
import { absent, failed, ok } from './report.js';

const folderOf = (log, index) => `storia/${String(log).padStart(3, '0')}/${String(index).padStart(12, '0')}`;

export class History {
  subjects = new Map();
  misplaced = [];

  // Takes an event, from the bytes of its leaf. One that is no leaf is told by another check.
  add(folder, bytes) {
    let leaf;
    try {
      leaf = bytes && parse(bytes);
    } catch {
      leaf = undefined;
    }
    if (!leaf) return;
    const [, log] = /(?:^|\/)\+?([0-9]{1,10})$/.exec(leaf.origin) ?? [];
    if (log === undefined || folderOf(BigInt(log), leaf.index) !== folder) {
      this.misplaced.push(folder);
      return;
    }
    const subject = hex(leaf.subject);
    if (!this.subjects.has(subject)) this.subjects.set(subject, []);
    this.subjects.get(subject).push({ place: `${BigInt(log)}:${leaf.index}`, log: BigInt(log), index: leaf.index, previous: leaf.previous });
  }

  // What is wrong, or that nothing is.
  checks(told) {
    const wrong = (what) => failed('history', what);
    const checks = this.misplaced.map((folder) => wrong(`${folder} holds another event`));
    for (const events of this.subjects.values()) checks.push(...holes(events).map(wrong));
    checks.push(...filed(told));
    if (!told.some((event) => event.kind === 'casefile.opened')) checks.push(wrong('the opening of the case file is missing'));
    return checks.length > 0 ? checks : [ok('history', `no event is missing between the first and the last of ${this.subjects.size} subjects`)];
  }
}

function holes(events) {
  const found = [];
  let before = null;
  for (const event of [...events].sort((a, b) => Number(a.log - b.log) || Number(a.index - b.index))) {
    const named = event.previous ? `${event.previous[0]}:${event.previous[1]}` : null;
    if (named !== before) {
      found.push(named ? `event ${event.previous[1]} of log ${event.previous[0]}, before event ${event.index} of log ${event.log}, is missing` : `event ${event.index} of log ${event.log} begins a subject that has begun`);
    }
    before = event.place;
  }
  return found;
}

// Every message that was filed has the event with which it began.
function filed(told) {
  const presented = new Set(told.filter((event) => ['message.presented', 'message.registered'].includes(event.kind)).map(({ parts }) => textOf(parts?.act?.message) ?? textOf(parts?.act?.content?.message)));
  return told.flatMap((event) => {
    if (event.kind !== 'casefile.filed') return [];
    const message = textOf(event.parts?.act?.message);
    // What was destroyed lawfully is told by the parts that are left.
    if (message === undefined) return [absent('history', 'an event does not tell any more what was filed')];
    return presented.has(message) ? [] : [failed('history', `the history of message ${message}, which was filed, is missing`)];
  });
}

const textOf = (value) => (typeof value === 'string' ? value : undefined);
