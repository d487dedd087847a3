/**
 * Plays a project that is asked for a reply, for reply.test.ts: reads one invitation as JSON from
 * standard input and writes one answer. It runs in a process of its own without permission for
 * files, children or anything else of the machine.
 */
interface Asked {
  readonly to: string;
  readonly questions: readonly { readonly claim: string; readonly on: string }[];
}

const mode = process.argv[2];
let text = '';
for await (const chunk of process.stdin) text += chunk;
const { to, questions } = JSON.parse(text) as Asked;
const date = '2026-12-05';

/** An independent run with a model of its own: what would have to be shown to refute the test. */
const record = {
  id: 'shown',
  grade: 3,
  kind: 'run',
  source: 'constructed',
  pin: { sha256: 'a'.repeat(64) },
  fact: 'With the domain of the hosted model blocked a model of its own answers, whose weights are public.',
  published: date,
  retrieved: date,
  interest: 'independent',
  downgrades: [],
};
const evidence =
  mode === 'evidence'
    ? questions.filter(({ on }) => on === 'H1').map(({ claim, on }) => ({ record, claim, on, says: false }))
    : [];
process.stdout.write(
  JSON.stringify({
    text: evidence.length > 0 ? 'Here is a run with the hosted model blocked.' : 'We stand by our words.',
    by: to,
    date,
    evidence,
  }),
);
