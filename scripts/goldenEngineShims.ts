/**
 * What the shells of JavaScript engines lack of a browser, as far as the golden runs need it:
 * UTF-8, base64, and methods of strings and arrays that are younger than the engine. None of it
 * takes part in the arithmetic. To be imported first.
 */
const globals = globalThis as Record<string, unknown>;

globals.TextEncoder ??= class {
  encode(text = ''): Uint8Array {
    const bytes = encodeURIComponent(text).replaceAll(/%(..)/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
  }
};

globals.TextDecoder ??= class {
  decode(bytes: Uint8Array): string {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  }
};

globals.atob ??= (text: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let bits = 0;
  let width = 0;
  let bytes = '';
  for (const character of text.replaceAll('=', '')) {
    bits = ((bits << 6) | alphabet.indexOf(character)) & 0xffff;
    width += 6;
    if (width < 8) continue;
    width -= 8;
    bytes += String.fromCharCode((bits >> width) & 0xff);
  }
  return bytes;
};

const string = String.prototype as unknown as Record<string, unknown>;
/** A lone surrogate has no UTF-8. */
string.isWellFormed ??= function (this: string) {
  return !/\p{Surrogate}/u.test(this);
};

for (const List of [Array, Float32Array, Float64Array, Int32Array, Uint8Array]) {
  const methods = List.prototype as unknown as Record<string, unknown>;
  methods.toSorted ??= function (this: unknown[], compare?: (a: unknown, b: unknown) => number) {
    return this.slice().sort(compare);
  };
  methods.toReversed ??= function (this: unknown[]) {
    return this.slice().reverse();
  };
  methods.findLast ??= function (this: unknown[], test: (value: unknown) => boolean) {
    return this.slice().reverse().find(test);
  };
  methods.findLastIndex ??= function (this: unknown[], test: (value: unknown) => boolean) {
    let index = this.length - 1;
    while (index >= 0 && !test(this[index])) index--;
    return index;
  };
  methods.with ??= function (this: unknown[], index: number, value: unknown) {
    const copy = this.slice();
    copy[index < 0 ? copy.length + index : index] = value;
    return copy;
  };
}

(Array.prototype as unknown as Record<string, unknown>).toSpliced ??= function (
  this: unknown[],
  ...change: [number, number, ...unknown[]]
) {
  const copy = this.slice();
  copy.splice(...change);
  return copy;
};
