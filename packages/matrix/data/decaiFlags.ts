/**
 * The flags of DecAIHub's formula for projects whose sources, as read here, decide most of them.
 * Our reading of its page, not its own card: a flag is `unknown` where the sources do not say. Short
 * form: the flags in the order of the page, `1`, `0` and `?`.
 */
import { type DecaiFlags, decaiFlagsSchema } from '../src/evaluation/decaiFit.ts';

/** AI_0 to AI_4, OC_1 to OC_3, TK_0 to TK_4, evidence for AI, chain and token. */
function flags(ai: string, onchain: string, token: string, evidence: string): DecaiFlags {
  const values = [...ai, ...onchain, ...token, ...evidence].map((each) =>
    each === '?' ? 'unknown' : each === '1',
  );
  const names = Object.keys(decaiFlagsSchema.shape);
  return decaiFlagsSchema.parse(Object.fromEntries(names.map((name, i) => [name, values[i]])));
}

/** Flags by the project's name. */
export const decaiFlags: Readonly<Record<string, DecaiFlags>> = {
  nonet: flags('01111', '111', '10000', '110'),
  deepprove: flags('01111', '00?', '?????', '10?'),
  ezkl: flags('01111', '110', '?????', '11?'),
  dstack: flags('01111', '11?', '?????', '11?'),
  flock: flags('01?01', '111', '001??', '101'),
  gensyn: flags('0111?', '11?', '?????', '11?'),
  gonka: flags('011?1', '111', '011??', '111'),
  olas: flags('011?1', '111', '0????', '11?'),
  openverifiablellm: flags('0???1', '000', '10000', '100'),
  secret: flags('00000', '111', '01110', '011'),
  sorachain: flags('01?01', '11?', '001??', '11?'),
  templar: flags('01111', '111', '001??', '111'),
  vana: flags('01?0?', '111', '011?0', '011'),
  verathos: flags('01111', '111', '011?1', '111'),
  verinf: flags('01111', '000', '10000', '100'),
  virtuals: flags('?????', '11?', '0111?', '?11'),
  disco: flags('01111', '000', '10000', '100'),
  flower: flags('01111', '000', '10000', '100'),
  hivemind: flags('01111', '000', '10000', '100'),
  nvflare: flags('01111', '000', '10000', '100'),
  petals: flags('01111', '000', '10000', '100'),
};
