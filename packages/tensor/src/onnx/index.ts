/** ONNX files of classifiers: export for other runtimes, import of the same operators. */
export { type ExportOnnxOptions, exportOnnx } from './export.ts';
export { type ImportOnnxReturnType, importOnnx } from './import.ts';
