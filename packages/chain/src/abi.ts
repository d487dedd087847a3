/**
 * Calls, answers, events and errors of Nonet.sol as bytes, by name. Selectors come from the
 * compiler's artefact, so nothing is hashed here; parameters are encoded by ox, of which only this
 * part is loaded. Values have the types that the ABI gives them; accounts are read in lower case.
 */
import type { Hex } from '@nonet/core';
import * as AbiParameters from 'ox/AbiParameters';
import { nonetAbi } from './artefacts/nonetAbi.ts';

type Item = (typeof nonetAbi)[number];
type Kind = Item['type'];
/** What the ABI calls functions, events or errors. */
type NameOf<Of extends Kind> = Extract<Item, { type: Of }>['name'];
type Named<Of extends Kind, Name> = Extract<Item, { type: Of; name: Name }>;
type Values<Parameters extends AbiParameters.AbiParameters> = AbiParameters.decode.ReturnType<Parameters>;

/** The arguments of a function of Nonet.sol. */
export type Arguments<Name extends NameOf<'function'>> = Values<Named<'function', Name>['inputs']>;
/** What a function returns; every one that is asked for returns one value. */
export type Returned<Name extends NameOf<'function'>> =
  Values<Named<'function', Name>['outputs']> extends readonly [infer Value] ? Value : never;

/** A call as its calldata says it, discriminated by `name`. */
export type DecodedCall = {
  [Name in NameOf<'function'>]: { readonly name: Name; readonly args: Arguments<Name> };
}[NameOf<'function'>];

const functions = new Map(itemsOf('function').map((item) => [item.selector as Hex, item]));
const errors = new Map(itemsOf('error').map((item) => [item.selector as Hex, item]));

function itemsOf<Of extends Kind>(type: Of): Extract<Item, { type: Of }>[] {
  return nonetAbi.filter((item): item is Extract<Item, { type: Of }> => item.type === type);
}

function find<Of extends Kind, Name extends NameOf<Of>>(type: Of, name: Name): Named<Of, Name> {
  return nonetAbi.find((item) => item.type === type && item.name === name) as Named<Of, Name>;
}

/** Calldata. Throws an error of ox for values that their types do not allow. */
export function encodeCall<Name extends NameOf<'function'>>(name: Name, args: Arguments<Name>): Hex {
  const { selector, inputs } = find('function', name);
  return `${selector}${AbiParameters.encode(inputs as AbiParameters.AbiParameters, args).slice(2)}`;
}

/** Undefined for the selector of no function; throws for arguments that cannot be read. */
export function decodeCall(call: Hex): DecodedCall | undefined {
  const found = functions.get(call.slice(0, 10).toLowerCase() as Hex);
  if (found === undefined) return undefined;
  const args = AbiParameters.decode(found.inputs as AbiParameters.AbiParameters, `0x${call.slice(10)}`);
  return { name: found.name, args } as unknown as DecodedCall;
}

/** What a view returns; throws for other bytes. */
export function decodeResult<Name extends NameOf<'function'>>(name: Name, bytes: Hex): Returned<Name> {
  const { outputs } = find('function', name);
  return AbiParameters.decode(outputs as AbiParameters.AbiParameters, bytes)[0] as Returned<Name>;
}

/**
 * The topics to filter logs by: the event's, and its indexed arguments in their order, 32 bytes
 * each.
 */
export function topicsOf(name: NameOf<'event'>, ...indexed: readonly Hex[]): readonly Hex[] {
  return [find('event', name).selector, ...indexed.map(paddedTopic)];
}

/** A value of at most 32 bytes as a topic. */
export function paddedTopic(value: Hex): Hex {
  return `0x${value.slice(2).padStart(64, '0')}`;
}

type DataOf<Inputs> = Inputs extends readonly [infer Input, ...infer Rest]
  ? Input extends { indexed: true }
    ? DataOf<Rest>
    : readonly [Input, ...DataOf<Rest>]
  : readonly [];

/** The arguments of an event that are not topics; throws for other bytes. */
export function decodeEventData<Name extends NameOf<'event'>>(
  name: Name,
  data: Hex,
): Values<DataOf<Named<'event', Name>['inputs']>> {
  const inputs: readonly { indexed: boolean }[] = find('event', name).inputs;
  const parameters = inputs.filter(({ indexed }) => !indexed) as unknown as AbiParameters.AbiParameters;
  return AbiParameters.decode(parameters, data) as never;
}

/** The name of the error that revert data begins with. */
export function errorNameOf(revert: Hex): NameOf<'error'> | undefined {
  return errors.get(revert.slice(0, 10).toLowerCase() as Hex)?.name;
}
