/**
 * The matrix kernels against their twins, on one thread and on several; programs on several
 * threads; threads that are lost.
 */
import { createRandomStream } from '@nonet/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { initialParameters } from '../src/files/parameters.ts';
import { kernelBinary } from '../src/kernels/binary.ts';
import { divideProduct } from '../src/kernels/divide.ts';
import { compileKernels } from '../src/kernels/instance.ts';
import { createMatrices, maximumInt8Terms } from '../src/kernels/matrices.ts';
import { toSharedModule } from '../src/kernels/sharedModule.ts';
import { mlp } from '../src/models/architectures.ts';
import { createProgram } from '../src/run/execute.ts';
import { help } from '../src/threads/help.ts';
import { startThreads } from '../src/threads/index.ts';
import { claimPart, controlWords, endPart, placeOf } from '../src/threads/protocol.ts';
import { spawnHelper } from '../src/threads/spawn.node.ts';
import { createTeam } from '../src/threads/team.ts';
import { bind } from '../src/transform/bind.ts';
import { deriveClassifierStep } from '../src/transform/trainingStep.ts';
import { multiplyInt8Twin, multiplyTwin } from '../src/twins/matmul.ts';

const seed = Number(process.env.SEED ?? 20261127);
console.log(`threads.test.ts: SEED=${seed}`);
const code = (code: string) => expect.objectContaining({ code });

const two = startThreads(2);
const three = startThreads(3);
afterAll(() => Promise.all([two.close(), three.close()]));

const bytes = 4_000_000;
const onOne = createMatrices({ bytes });
const onTwo = createMatrices({ bytes, threads: two });
const onThree = createMatrices({ bytes, threads: three });

/**
 * Ordinary numbers, zeros of both signs, subnormals, and halves of the largest and smallest
 * products.
 */
const awkward = [0, -0, 1e-45, -1e-40, 1e19, -1e18, 1e-20, 16777217, 1 / 3];
function floats(random: () => number, length: number): Float32Array {
  return Float32Array.from({ length }, () => {
    const choice = random();
    return choice < 0.1 ? awkward[Math.floor(choice * 90)] : 8 * random() - 4;
  });
}

const extent = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(3, 12, 24, 191, 193));
const terms = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(8, 16, 383, 384, 385, 769));
const shapes = fc.tuple(extent, extent, terms, fc.nat());

describe('products of matrices', () => {
  it('in f32 equal the twin bit for bit, on one, two and three threads', async () => {
    const all = await Promise.all([onOne, onTwo, onThree]);
    expect(all.map(({ threads }) => threads)).toEqual([1, 2, 3]);
    fc.assert(
      fc.property(shapes, ([m, n, k, key]) => {
        const random = createRandomStream([seed, key]).uniform;
        const [a, b] = [floats(random, m * k), floats(random, k * n)];
        const expected = new Uint32Array(multiplyTwin(a, b, m, n, k).buffer);
        for (const matrices of all) {
          const c = matrices.multiply({ rows: m, columns: k, data: a }, { rows: k, columns: n, data: b });
          expect(new Uint32Array(c.data.buffer)).toEqual(expected);
        }
      }),
      { seed, numRuns: 60 },
    );
  });

  it('of bytes are exact, the largest magnitudes included', async () => {
    const all = await Promise.all([onOne, onTwo, onThree]);
    fc.assert(
      fc.property(shapes, fc.boolean(), ([m, n, k, key], extreme) => {
        const { below } = createRandomStream([seed, key]);
        const draw = (length: number) =>
          Int8Array.from({ length }, () => (extreme ? [-128, 127, 0][below(3)] : below(256) - 128));
        const [a, b] = [draw(m * k), draw(k * n)];
        const expected = multiplyInt8Twin(a, b, m, n, k);
        for (const matrices of all) {
          const c = matrices.multiplyInt8({ rows: m, columns: k, data: a }, { rows: k, columns: n, data: b });
          expect(c.data).toEqual(expected);
        }
      }),
      { seed, numRuns: 60 },
    );
  });

  it('of bytes reach the largest sum without overflow', async () => {
    const k = maximumInt8Terms;
    const lowest = new Int8Array(k).fill(-128);
    const { multiplyInt8 } = await onOne;
    const c = multiplyInt8({ rows: 1, columns: k, data: lowest }, { rows: k, columns: 1, data: lowest });
    expect(c.data[0]).toBe(k * 2 ** 14);
  });

  it('refuse shapes that do not fit', async () => {
    const { multiply, multiplyInt8 } = await onOne;
    const matrix = (rows: number, columns: number, length = rows * columns) => ({
      rows,
      columns,
      data: new Float32Array(length),
    });
    expect(() => multiply(matrix(2, 3), matrix(2, 3))).toThrow(code('matrices.shape'));
    expect(() => multiply(matrix(2, 3, 5), matrix(3, 2))).toThrow(code('matrices.shape'));
    expect(() => multiply(matrix(2, 0), matrix(0, 2))).toThrow(code('matrices.shape'));
    expect(() => multiply(matrix(1000, 900), matrix(900, 1000))).toThrow(code('matrices.shape'));
    const long = new Int8Array(maximumInt8Terms + 1);
    expect(() =>
      multiplyInt8(
        { rows: 1, columns: long.length, data: long },
        { rows: long.length, columns: 1, data: long },
      ),
    ).toThrow(code('matrices.shape'));
  });
});

it('parts of a product are disjoint, whole tiles, and all of it', () => {
  const product = {
    a: 0,
    ai: 5,
    ak: 1,
    b: 0,
    bk: 100,
    bj: 1,
    c: 0,
    ci: 100,
    k: 5,
    size: 4 as const,
    finish: 0,
  };
  for (const [m, n] of [
    [100, 7],
    [7, 100],
    [1, 1],
    [12, 100],
  ]) {
    for (const threads of [1, 2, 3, 8]) {
      const seen = new Set<number>();
      const parts = divideProduct({ ...product, m, n }, threads);
      expect(parts.length).toBeLessThanOrEqual(threads);
      for (const part of parts) {
        const [, , , , , , c, ci, rows, columns] = part;
        for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) seen.add(c / 4 + i * ci + j);
      }
      expect(seen.size).toBe(m * n);
      expect(parts.reduce((sum, part) => sum + part[8] * part[9], 0)).toBe(m * n);
    }
  }
});

describe('a program on several threads', () => {
  // 256 x 784 x 128 is 51 million operations: above what threads are woken for.
  const graph = bind(deriveClassifierStep(mlp({ features: [784], hidden: [128], classes: 10 })), { B: 256 });
  const parameters = initialParameters(graph, '0x07');
  const random = createRandomStream([seed, 1]);
  const x = Float32Array.from({ length: 256 * 784 }, () => random.uniform() - 0.5);
  const y = Int32Array.from({ length: 256 }, () => random.below(10));
  const inputs = { x, y, w: new Float32Array(256).fill(1), learningRate: 0.1, momentum: 0.9 };

  it('trains to the same bits as on one', async () => {
    const threads = startThreads(2);
    const programs = [await createProgram(graph), await createProgram(graph, { threads })];
    const [one, several] = programs.map((program) => {
      program.setParameters(parameters);
      for (let step = 0; step < 5; step++) program.run(inputs);
      return program.parameters();
    });
    expect(several).toEqual(one);
    for (const program of programs) program.close();
    await threads.close();
  });

  it('has them for itself until it is closed', async () => {
    const threads = startThreads(2);
    const first = await createProgram(graph, { threads });
    await expect(createProgram(graph, { threads })).rejects.toThrow(code('threads.busy'));
    first.close();
    const second = await createProgram(graph, { threads });
    second.setParameters(parameters);
    expect(second.run(inputs).loss[0]).toBeGreaterThan(0);
    second.close();
    await threads.close();
  });

  it('goes on alone when its threads are gone', async () => {
    const threads = startThreads(2);
    const programs = [await createProgram(graph), await createProgram(graph, { threads })];
    await threads.close();
    const [one, left] = programs.map((program) => {
      program.setParameters(parameters);
      return program.run(inputs).loss;
    });
    expect(left).toEqual(one);
  });

  it('is refused by closed threads', async () => {
    const threads = startThreads(2);
    await threads.close();
    await expect(createProgram(graph, { threads })).rejects.toThrow(code('threads.closed'));
  });
});

describe('the parts of a job', () => {
  const parts = Array.from({ length: 5 }, (_, part) => [part, 2 * part]);

  it('are each done once, by the thread that claims them', () => {
    const words = new Int32Array(new SharedArrayBuffer(4 * controlWords));
    const team = createTeam(words, () => {});
    for (let job = 0; job < 3; job++) {
      const here: number[] = [];
      const there: number[] = [];
      team.run('map', parts, ([part]) => {
        here.push(part);
        const claimed = claimPart(words);
        if (claimed < 0) return;
        expect(words.slice(placeOf(claimed), placeOf(claimed) + 2)).toEqual(Int32Array.from(parts[claimed]));
        there.push(claimed);
        endPart(words);
      });
      expect([...here, ...there].sort()).toEqual([0, 1, 2, 3, 4]);
      expect(there).toHaveLength(2);
      expect(claimPart(words)).toBe(-1);
    }
  });

  it('are an error when a thread claims one and is lost, instead of a wait for ever', () => {
    const words = new Int32Array(new SharedArrayBuffer(4 * controlWords));
    const team = createTeam(words, () => {});
    let clock = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => (clock += 60_000));
    try {
      expect(() => team.run('map', parts, () => claimPart(words))).toThrow(code('threads.lost'));
    } finally {
      now.mockRestore();
    }
  });
});

it('a thread leaves a program that is closed at any moment of its search for work', async () => {
  const module = await compileKernels(true);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { load } = Atomics;
  // What it reads first, second, ...: the program is closed just before that.
  for (let moment = 0; moment < 8; moment++) {
    const control = new SharedArrayBuffer(4 * controlWords);
    const words = new Int32Array(control);
    const team = createTeam(words, () => {});
    let reads = 0;
    const loads = vi.spyOn(Atomics, 'load').mockImplementation(((typed: Int32Array, index: number) => {
      if (reads++ === moment) team.detach();
      return load(typed, index);
    }) as typeof Atomics.load);
    const waits = vi.spyOn(Atomics, 'wait').mockImplementation(((
      typed: Int32Array,
      index: number,
      seen: number,
    ) => {
      if (load(typed, index) !== seen) return 'not-equal';
      throw new Error(`asleep for ever after ${reads} reads`);
    }) as typeof Atomics.wait);
    try {
      help({ module, memory, control, place: [0, 0] }, () => {});
    } finally {
      loads.mockRestore();
      waits.mockRestore();
    }
  }
});

it('a thread that ends before it is ready is an error, not a wait', async () => {
  const helper = spawnHelper();
  // No module to instantiate: the thread fails.
  const assignment = { memory: undefined, module: undefined, control: undefined, place: [] };
  await expect(helper.assign(assignment as never)).rejects.toThrow(code('threads.start'));
  await expect(helper.assign(assignment as never)).rejects.toThrow(code('threads.start'));
});

describe('threads of which one does not start', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

  it('say so each time, and never that they are busy', async () => {
    const threads = startThreads(3);
    for (let time = 0; time < 2; time++) {
      // No module to instantiate: both helpers fail.
      const attached = threads.attach(undefined as never, memory, [
        [0, 0],
        [0, 0],
      ]);
      await expect(attached).rejects.toThrow(code('threads.start'));
    }
    await threads.close();
  });

  it('help the next program, those that had started too', async () => {
    const threads = startThreads(3);
    const module = await compileKernels(true);
    // A function cannot be sent to a thread: the first helper starts, the second is not told.
    const places = [[0, 0], [() => {}]] as never;
    await expect(threads.attach(module, memory, places)).rejects.toThrow('could not be cloned');
    const matrices = await createMatrices({ bytes, threads });
    expect(matrices.threads).toBe(3);
    matrices.close();
    await threads.close();
  });
});

it.each([0, 1.5, 65, Number.NaN])('refuses %d threads', (count) => {
  expect(() => startThreads(count)).toThrow(code('threads.count'));
});

describe('the module over shared memory', () => {
  const plain = Uint8Array.from(Buffer.from(kernelBinary, 'hex'));

  it('differs from the plain one in the type of its memory alone', async () => {
    const shared = toSharedModule(plain);
    expect(WebAssembly.validate(shared)).toBe(true);
    // Flag 0x03 for 0x00, three bytes of a maximum, and the length of the section.
    expect(shared.length - plain.length).toBe(3);
    const same = shared.findIndex((byte, i) => byte !== plain[i]);
    expect(shared[same] - plain[same]).toBe(3);
    const flags = shared.findIndex((byte, i) => i > same && byte !== plain[i]);
    expect(shared[flags]).toBe(3);
    expect(plain[flags]).toBe(0);
    expect(shared.subarray(flags + 5)).toEqual(plain.subarray(flags + 2));
  });

  it.each([
    ['nothing', plain.slice(0, 8)],
    [
      'a module that imports a function',
      Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0),
    ],
  ])('is not made of %s', (_, module) => {
    expect(() => toSharedModule(module)).toThrow(code('kernels.module'));
  });
});
