// Seeds the property tests, so that a suite says the same twice about the same tree. Another seed, for a
// search rather than a check: `NONET_SEED=$RANDOM npm test`. fast-check prints the seed of a failure.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.NONET_SEED ?? 1) });
