/** Datasets: their form in memory and as blobs, and the formats that they are read from. */
export { assertDataset, type Dataset, decodeDataset, encodeDataset, selectExamples } from './dataset.ts';
