/**
 * The module of kernels, opcode by opcode: no relaxed SIMD, whose results differ between
 * processors; no import but a memory; no atomics.
 */
import { describe, expect, it } from 'vitest';
import { kernelBinary } from '../src/kernels/binary.ts';
import { constantBytes, instantiateKernels } from '../src/kernels/instance.ts';
import { readLeb } from '../src/kernels/sharedModule.ts';

/**
 * Every instruction as `0x28` or `0xfd 0x54`, read from the code section (WebAssembly 2.0 core
 * specification, 5.4 and 5.5.13).
 */
function readInstructions(module: Uint8Array): string[] {
  const found: string[] = [];
  const leb = (at: number) => readLeb(module, at);
  const skip = (at: number, count: number) => {
    for (let i = 0; i < count; i++) at = leb(at).end;
    return at;
  };
  const memoryArgument = (at: number) => skip(at, 2);
  /** The end of the instruction's immediates, which begin at `at`. */
  const immediates = (opcode: number, at: number): number => {
    // block, loop, if: a value type in one byte, or a type index; the module has no others.
    if (opcode >= 0x02 && opcode <= 0x04) return skip(at, 1);
    if (opcode === 0x0e) return skip(leb(at).end, leb(at).value + 1);
    if ([0x0c, 0x0d, 0x10, 0x3f, 0x40].includes(opcode) || (opcode >= 0x20 && opcode <= 0x24))
      return skip(at, 1);
    if (opcode >= 0x28 && opcode <= 0x3e) return memoryArgument(at);
    if (opcode === 0x41 || opcode === 0x42) {
      while (module[at] >= 0x80) at++;
      return at + 1;
    }
    if (opcode === 0x43) return at + 4;
    if (opcode === 0x44) return at + 8;
    const plain =
      [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b].includes(opcode) || (opcode >= 0x45 && opcode <= 0xc4);
    expect(plain, `opcode 0x${opcode.toString(16)}`).toBe(true);
    return at;
  };
  const prefixed = (prefix: number, opcode: number, at: number): number => {
    if (prefix === 0xfc) return opcode <= 7 ? at : at + (opcode === 10 ? 2 : 1);
    if (opcode <= 11 || opcode === 92 || opcode === 93) return memoryArgument(at);
    if (opcode === 12 || opcode === 13) return at + 16;
    if (opcode >= 21 && opcode <= 34) return at + 1;
    if (opcode >= 84 && opcode <= 91) return memoryArgument(at) + 1;
    return at;
  };
  for (let at = 8; at < module.length; ) {
    const section = leb(at + 1);
    const isCode = module[at] === 10;
    at = section.end;
    if (!isCode) {
      at += section.value;
      continue;
    }
    const bodies = leb(at);
    at = bodies.end;
    for (let i = 0; i < bodies.value; i++) {
      const body = leb(at);
      const end = body.end + body.value;
      const locals = leb(body.end);
      at = locals.end;
      for (let group = 0; group < locals.value; group++) at = leb(at).end + 1;
      while (at < end) {
        const opcode = module[at++];
        if (opcode === 0xfc || opcode === 0xfd || opcode === 0xfe) {
          const second = leb(at);
          found.push(`0x${opcode.toString(16)} 0x${second.value.toString(16)}`);
          at = prefixed(opcode, second.value, second.end);
        } else {
          found.push(`0x${opcode.toString(16)}`);
          at = immediates(opcode, at);
        }
      }
      expect(at).toBe(end);
    }
  }
  return found;
}

/** Relaxed SIMD is 0xfd 0x100 and above, atomics are 0xfe. */
const isAllowed = (instruction: string) => {
  const [prefix, opcode] = instruction.split(' ');
  return prefix !== '0xfe' && !(prefix === '0xfd' && Number(opcode) >= 0x100);
};

const module = Uint8Array.from(Buffer.from(kernelBinary, 'hex'));

describe('the module of kernels', () => {
  it('holds no relaxed and no atomic instruction', () => {
    const instructions = readInstructions(module);
    expect(instructions.length).toBeGreaterThan(1000);
    // 0xfd 0xe6 is f32x4.mul, 0xfd 0xba i32x4.dot_i16x8_s: the reader does see vector instructions.
    expect(instructions).toContain('0xfd 0xe6');
    expect(instructions).toContain('0xfd 0xba');
    expect([...new Set(instructions)].filter((instruction) => !isAllowed(instruction))).toEqual([]);
  });

  it('would be caught if it held one', () => {
    // (func local.get 0 local.get 0 local.get 0 f32x4.relaxed_madd drop)
    const relaxed = [0x20, 0, 0x20, 0, 0x20, 0, 0xfd, 0x85, 0x02, 0x1a, 0x0b];
    const body = [0x00, ...relaxed];
    const section = [1, body.length, ...body];
    const small = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 10, section.length, ...section);
    expect(readInstructions(small).filter((instruction) => !isAllowed(instruction))).toEqual(['0xfd 0x105']);
  });

  it('imports a memory and nothing else', () => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(module));
    expect(imports).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });

  it('keeps its constants below what programs plan', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    await instantiateKernels(memory);
    const words = new Int32Array(memory.buffer);
    expect(words.subarray(0, constantBytes / 4).some((word) => word !== 0)).toBe(true);
    expect(words.subarray(constantBytes / 4).every((word) => word === 0)).toBe(true);
  });
});
