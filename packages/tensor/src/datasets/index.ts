/**
 * Datasets: their form in memory, as blobs and as sources that are read in batches; the formats
 * that they are read from; their commitment, and their division among sites. Parquet is
 * `@nonet/tensor/datasets/parquet`, image folders are `@nonet/tensor/datasets/images`: those two
 * need readers that are not installed with this package.
 */
export { type ArrayFile, openArrays, type TextFile } from './arrays.ts';
export {
  commitDataset,
  commitmentAddress,
  type DatasetCommitment,
  type ExampleOpening,
  openExample,
  verifyExample,
} from './commitment.ts';
export { type OpenCsvOptions, openCsv, readCsv } from './csv.ts';
export {
  assertDataset,
  type Dataset,
  dataSchemaOf,
  decodeDataset,
  encodeDataset,
  selectExamples,
} from './dataset.ts';
export { type IdxFiles, openIdx, readIdx, writeIdx } from './idx.ts';
export { openNpy, openNpz } from './npy.ts';
export { type PartitionOptions, partitionDirichlet } from './partition.ts';
export {
  type ColumnPlan,
  inferSchema,
  inferSourceSchema,
  type KnownColumn,
  type PlanOptions,
  planTable,
  type TablePlan,
} from './plan.ts';
export { collectDataset, type DatasetSource, type Example, sourceOf, splitSource } from './source.ts';
export {
  assertClasses,
  type SplitOptions,
  type SplitTableOptions,
  splitDataset,
  splitTable,
} from './split.ts';
export {
  type Column,
  type DataSchema,
  type FeatureRows,
  featureNames,
  type RecordColumn,
  type Row,
  readFeatureRows,
  readFeatures,
  readLabels,
  readNumbers,
  readRecords,
  readTable,
  readTableSource,
  rewriteNumbers,
  type StrangeCells,
  standardisationOf,
  type Table,
  type TableFormat,
  type TableSchema,
  type TableSource,
  withoutMissing,
} from './table.ts';
