/**
 * The pieces of a receipt: what a verdict is about. They are values; `pieceText` is the one place
 * that puts them into words.
 */
import { unreachable } from '../errors.ts';
import type { Address } from '../hash.ts';

/** A part of a receipt that has a verdict of its own. */
export type Piece =
  /** The file as a whole, where it is not well-formed. */
  | { readonly kind: 'receipt' }
  /** A field of the file that is not well-formed, by its printable name. */
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'job' }
  | { readonly kind: 'run' }
  /** The text of a record, unchanged or not; numbered from 1. */
  | { readonly kind: 'record'; readonly number: number }
  | { readonly kind: 'leaves' }
  | { readonly kind: 'root' }
  | { readonly kind: 'artefact'; readonly address: Address }
  | { readonly kind: 'signature' }
  | { readonly kind: 'anchor' }
  /** The job as the ledger holds it. */
  | { readonly kind: 'terms' }
  /** What a record says, true or not; numbered from 1. */
  | { readonly kind: 'statement'; readonly number: number; readonly sentence: string };
/** What a piece is about. */
export type PieceKind = Piece['kind'];

/** A piece in words, for a page or a terminal. */
export function pieceText(piece: Piece): string {
  switch (piece.kind) {
    case 'receipt':
      return 'The file as a whole';
    case 'field':
      return `The field “${piece.name}”`;
    case 'job':
      return 'The job: what was to be run';
    case 'run':
      return 'The name of the run';
    case 'record':
      return `The text of record ${piece.number}`;
    case 'leaves':
      return 'The list of fingerprints';
    case 'root':
      return 'The fingerprint of the whole receipt';
    case 'artefact':
      return `Attached file ${piece.address.slice(0, 10)}…`;
    case 'signature':
      return 'The signature of the runner';
    case 'anchor':
      return 'The entry on the ledger';
    case 'terms':
      return 'The job, as the ledger holds it';
    case 'statement':
      return `${piece.number}. ${piece.sentence}`;
    default:
      return unreachable(piece);
  }
}

/** A text that no other piece of the same receipt has: for keys of lists. */
export function pieceKey(piece: Piece): string {
  switch (piece.kind) {
    case 'field':
      return `field ${piece.name}`;
    case 'artefact':
      return `artefact ${piece.address}`;
    case 'record':
    case 'statement':
      return `${piece.kind} ${piece.number}`;
    default:
      return piece.kind;
  }
}
