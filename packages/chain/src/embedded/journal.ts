/**
 * The write-ahead journal: what a block is made of is on disk before the block is made, so that a
 * killed chain can be made again, block for block. Equal transactions and timestamps give equal
 * block hashes; the recorded ones are compared on replay.
 */
import { DatabaseSync } from 'node:sqlite';
import { type Hex, MisuseError, NonetError, toHex } from '@nonet/core';

export interface JournaledBlock {
  readonly number: number;
  /** Ledger seconds. */
  readonly timestamp: number;
  /** Raw signed transactions, in order. */
  readonly transactions: readonly Hex[];
  /** Unknown for a block that was written down and perhaps never made. */
  readonly hash?: Hex;
}

export interface Journal {
  /** Returns when the block is on disk. */
  append(block: JournaledBlock): void;
  recordHash(number: number, hash: Hex): void;
  /** Blocks after `number`, ascending. */
  after(number: number): IterableIterator<JournaledBlock>;
  last(): JournaledBlock | undefined;
  close(): void;
}

/** SQLite's code for a file that another process has locked. */
const busy = 5;

/**
 * Throws `chain.running` while another process has the journal open, `chain.journal` if it is none
 * or cannot be written.
 */
export function openJournal(file: string): Journal {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS blocks (number INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, transactions TEXT NOT NULL, hash BLOB) STRICT;
    `);
  } catch (cause) {
    database?.close();
    const found = String(cause);
    if ((cause as { errcode?: number }).errcode === busy) {
      throw new MisuseError({
        code: 'chain.running',
        expected: `the chain in ${file} not to run`,
        found,
        hint: 'Another process runs this chain; end it first.',
        cause,
      });
    }
    throw new NonetError({
      code: 'chain.journal',
      expected: `a journal that can be read and written in ${file}`,
      found,
      hint: 'Look at the disk: it may be full or damaged.',
      cause,
    });
  }
  const insert = database.prepare('INSERT INTO blocks (number, timestamp, transactions) VALUES (?, ?, ?)');
  const update = database.prepare('UPDATE blocks SET hash = ? WHERE number = ?');
  const range = database.prepare('SELECT * FROM blocks WHERE number > ? ORDER BY number');
  const newest = database.prepare('SELECT * FROM blocks ORDER BY number DESC LIMIT 1');
  return {
    append({ number, timestamp, transactions }) {
      insert.run(number, timestamp, transactions.join(' '));
    },
    recordHash(number, hash) {
      update.run(Buffer.from(hash.slice(2), 'hex'), number);
    },
    *after(number) {
      // The rows are copied out first: the caller records hashes while it walks.
      for (const row of range.all(number)) yield readRow(row);
    },
    last() {
      const row = newest.get();
      return row === undefined ? undefined : readRow(row);
    },
    close: () => database.close(),
  };
}

function readRow(row: Record<string, unknown>): JournaledBlock {
  const transactions = row.transactions as string;
  return {
    number: row.number as number,
    timestamp: row.timestamp as number,
    transactions: transactions === '' ? [] : (transactions.split(' ') as Hex[]),
    ...(row.hash === null ? {} : { hash: toHex(row.hash as Uint8Array) }),
  };
}
