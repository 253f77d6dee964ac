// What the tokens on some checkpoints say, and the finding that they make.
import { sha256, utf8 } from './bytes.js';
import { checkpointText } from './note.js';
import { absent, failed, ok } from './report.js';
import { OUTDATED, TRUSTED, UNKNOWN, verify } from './timestamp.js';

export class Stamps {
  // Instants of tokens that are believed: the earliest and the latest that each allows (milliseconds).
  instants = [];
  good = [];
  open = [];
  failed = [];

  // Looks at the tokens on a checkpoint.
  async look(checkpoint, tokens, policy, now) {
    const digest = sha256(utf8(checkpointText(checkpoint)));
    for (const token of tokens) {
      try {
        this.keep(await verify(token, digest, now, policy?.stamps), checkpoint, policy);
      } catch (error) {
        this.failed.push(error.message);
      }
    }
  }

  keep(stamp, checkpoint, policy) {
    const said = `${new Date(stamp.at).toISOString()} of ${stamp.authority} on the tree of ${checkpoint.size}`;
    if (stamp.trust === TRUSTED) {
      this.instants.push([stamp.at - stamp.accuracy, stamp.at + stamp.accuracy]);
      this.good.push(said);
      return;
    }
    const why = {
      [OUTDATED]: 'its certificate has expired, and nothing shows that the stamp is older',
      [UNKNOWN]: 'no root of the policy vouches for it',
    };
    const nobody = policy ? 'the policy has no roots of time stamps' : 'no policy was given';
    this.open.push(`${said}: ${why[stamp.trust] ?? `${nobody}, nothing says who that is`}`);
  }

  // About tokens on trees that hold the event; those on the earlier tree can only spoil it.
  finding(earlier) {
    const wrong = this.failed[0] ?? earlier.failed[0];
    if (wrong) return failed('timestamp', wrong);
    if (this.good.length > 0) return ok('timestamp', this.good.join('; '));
    return absent('timestamp', this.open.join('; ') || 'there is no time stamp on a tree with the event: it comes in the evidence beside');
  }
}
