/** Datasets: their form in memory and as blobs, the formats that they are read from, and their division among sites. */
export { readCsv, type Table } from './csv.ts';
export { assertDataset, type Dataset, decodeDataset, encodeDataset, selectExamples } from './dataset.ts';
export { type IdxFiles, readIdx, writeIdx } from './idx.ts';
export { type PartitionOptions, partitionDirichlet } from './partition.ts';
export {
  type Column,
  type DataSchema,
  dataSchemaOf,
  featureNames,
  type InferSchemaOptions,
  inferSchema,
  readFeatures,
  readTable,
  type SplitOptions,
  splitDataset,
  splitTable,
  standardisationOf,
  type TableSchema,
} from './table.ts';
