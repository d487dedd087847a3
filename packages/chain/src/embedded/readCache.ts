/**
 * Answers of the chain that many clients ask for between two blocks. Outside of a turn of the
 * supervisor, which makes blocks one at a time, nothing changes what anvil holds, its pool
 * included: an answer that was asked for in a state holds as long as the state does, and
 * clients that ask meanwhile share it. In a turn nothing is kept. What depends on the time does not belong
 * here.
 */

/** Keeps answers as JSON, of which most clients need the same. */
export interface ReadCache {
  /**
   * The answer to `key` in `state` (undefined: it is changing), by `ask` where none is kept. One
   * that fails is not kept.
   */
  read(state: number | undefined, key: string, ask: () => Promise<string>): Promise<string>;
}

/** Characters of questions and answers together. */
const maximumLength = 2 ** 24;
const maximumEntries = 1024;

export function createReadCache(): ReadCache {
  let kept: number | undefined;
  let answers = new Map<string, Promise<string>>();
  let length = 0;

  return {
    read(state, key, ask) {
      if (state === undefined) return ask();
      if (state !== kept) [kept, answers, length] = [state, new Map(), 0];
      const known = answers.get(key);
      if (known !== undefined) return known;
      const [answer, mine] = [ask(), answers];
      if (answers.size >= maximumEntries || length > maximumLength) return answer;
      answers.set(key, answer);
      answer.then(
        (text) => {
          if (mine !== answers) return;
          length += key.length + text.length;
          if (length > maximumLength) answers.delete(key);
        },
        () => mine.delete(key),
      );
      return answer;
    },
  };
}
