/** ONNX files: export for other runtimes, import of what the graph can express. */
export { importClassifier } from './classifier.ts';
export type { ElementType } from './elementTypes.ts';
export { type ExportOnnxOptions, exportOnnx } from './export.ts';
export { type ImportOnnxOptions, type ImportOnnxReturnType, importOnnx, type OnnxPort } from './import.ts';
export { externalLocations } from './model.ts';
export { type OnnxOutline, type OnnxOutlinePort, readOnnxOutline } from './outline.ts';
