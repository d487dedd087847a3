/**
 * What the figures of a federated run mean. Rounds and participants are counted as their sentences
 * do.
 */
import { declareFigures } from '@nonet/core/records';

/** The figures that records of federated training have. */
export const federationFigures = declareFigures({
  // Of the whole job, as the ledger has it.
  moves: { unit: 'moves', meaning: 'moves that the ledger accepted', better: 'neither' },
  joined: {
    unit: 'participants',
    meaning: 'participants that ever joined the job',
    better: 'higher',
    role: 'parties',
  },
  finalRounds: { unit: 'rounds', meaning: 'rounds whose model is final', better: 'higher' },
  voidRounds: {
    unit: 'rounds',
    meaning: 'rounds that led to no new model, or to no counts',
    better: 'lower',
  },
  struck: { unit: 'aggregators', meaning: 'aggregators that were proven to have lied', better: 'lower' },
  burnt: { unit: 'wei', meaning: 'wei of lost bonds that were destroyed', better: 'lower' },

  // Of one round that is over.
  round: { unit: '', meaning: 'the round that a record tells of, counted from 1', better: 'neither' },
  participants: {
    unit: 'participants',
    meaning: 'participants whose updates were averaged',
    better: 'higher',
    role: 'parties',
  },
  absent: { unit: 'participants', meaning: 'participants without an update', better: 'lower' },
  refused: { unit: 'updates', meaning: 'updates left out of the average', better: 'lower' },
  datasets: {
    unit: 'datasets',
    meaning: 'distinct datasets that the averaged updates commit to',
    better: 'higher',
  },
  maskSet: { unit: 'participants', meaning: 'participants with masks in the round', better: 'higher' },
  threshold: {
    unit: 'participants',
    meaning: 'participants who together could unmask an update',
    better: 'higher',
  },
  sumsOpened: { unit: 'sums', meaning: 'sums of masked updates that were opened', better: 'neither' },
  epsilonSpent: {
    unit: 'epsilon',
    meaning: 'differential privacy that readable rounds of a job have spent, of each participant a sample',
    better: 'lower',
  },
  epsilonPromised: {
    unit: 'epsilon',
    meaning: 'the most that a job promises to spend',
    better: 'lower',
  },
  delta: {
    unit: 'probability',
    meaning: 'with which the bound epsilon may not hold',
    better: 'lower',
  },
  releasesRead: {
    unit: 'rounds',
    meaning: 'rounds of which what was noised could be read, void ones among them',
    better: 'neither',
  },
  releasesPlanned: {
    unit: 'rounds',
    meaning: 'rounds of which that may be read before a participant takes part in no more',
    better: 'neither',
  },
  honestAssumed: {
    unit: 'participants',
    meaning: 'participants of the smallest cohort whose noise is counted on',
    better: 'lower',
  },
  noiseToSignal: {
    unit: 'times',
    meaning: 'length of the noise of the smallest cohort over that of the longest sum it is added to',
    better: 'lower',
  },
  roundAccuracy: {
    unit: 'fraction',
    meaning: 'share of public test examples that the model of this round gets right',
    better: 'higher',
  },
  heldOutExamples: {
    unit: 'examples',
    meaning: 'examples that the sites of this round never train on, together',
    better: 'higher',
  },
  heldOutAccuracy: {
    unit: 'fraction',
    meaning: 'share of them that the model that this round began with gets right',
    better: 'higher',
  },
  heldOutLoss: { unit: 'nats', meaning: 'mean cross-entropy of that model on them', better: 'lower' },
  roundLoss: { unit: 'nats', meaning: 'mean cross-entropy of the model of this round', better: 'lower' },

  // Of the counts of a job.
  counted: {
    unit: 'participants',
    meaning: 'participants whose records were counted together',
    better: 'higher',
    role: 'parties',
  },
  statistics: { unit: 'figures', meaning: 'figures that the counts gave', better: 'neither' },

  // Of one event within a round.
  inRound: { unit: '', meaning: 'the round in which something happened, counted from 1', better: 'neither' },
  participant: { unit: '', meaning: 'the number of a participant on the ledger', better: 'neither' },

  // Of the final model.
  accuracy: {
    unit: 'fraction',
    meaning: 'share of public test examples that the final model gets right',
    better: 'higher',
    role: 'accuracy',
  },
  examples: { unit: 'examples', meaning: 'examples in the public test set', better: 'neither' },
  crossEntropy: { unit: 'nats', meaning: 'mean cross-entropy of the final model', better: 'lower' },

  // What a run cost.
  training: {
    unit: 'seconds',
    meaning: 'from opening each round until the last participant has trained, over all rounds',
    better: 'lower',
    role: 'time without',
  },
  counting: {
    unit: 'seconds',
    meaning: 'from opening each round until the last participant has counted, over all rounds',
    better: 'lower',
    role: 'time without',
  },
  collecting: {
    unit: 'seconds',
    meaning: 'from there until it is known who is included, over all rounds',
    better: 'lower',
    role: 'time added',
  },
  stepping: {
    unit: 'seconds',
    meaning: 'from there to the posted step, over all rounds',
    better: 'lower',
    role: 'time added',
  },
  checking: {
    unit: 'seconds',
    meaning: 'what watchers took to compute the steps again, over all rounds',
    better: 'lower',
    role: 'time added',
  },
  masking: {
    unit: 'seconds',
    meaning: 'in which participants registered and revealed shares, over all rounds',
    better: 'lower',
    role: 'time added',
  },
  maskTraffic: {
    unit: 'bytes',
    meaning: 'registrations and shares, each counted once',
    better: 'lower',
    role: 'bytes',
  },
  transactions: { unit: 'transactions', meaning: 'transactions with moves of the job', better: 'lower' },
  gas: { unit: 'gas', meaning: 'gas of all moves', better: 'lower', role: 'gas' },
  traffic: { unit: 'bytes', meaning: 'bytes through the stores, in and out', better: 'lower', role: 'bytes' },

  // Predicted from a job.
  participantUploadPerRound: {
    unit: 'bytes',
    meaning: 'what a participant sends to one store',
    better: 'lower',
  },
  participantDownloadPerRound: { unit: 'bytes', meaning: 'what a participant fetches', better: 'lower' },
  aggregatorDownloadPerRound: {
    unit: 'bytes',
    meaning: 'what an aggregator fetches at most',
    better: 'lower',
  },
  watcherDownloadPerRound: { unit: 'bytes', meaning: 'what a watcher fetches at most', better: 'lower' },
  transactionsPerRound: {
    unit: 'transactions',
    meaning: 'transactions of a round without incident, at most',
    better: 'lower',
  },
  longestRound: {
    unit: 'seconds',
    meaning: 'the longest that a round without incident takes',
    better: 'lower',
  },
  objectionWindow: {
    unit: 'seconds',
    meaning: 'how long a posted step can be proven wrong',
    better: 'neither',
  },
});
