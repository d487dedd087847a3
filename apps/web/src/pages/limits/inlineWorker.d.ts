/** Vite bundles the module into a worker that is part of the script. */
declare module '*?worker&inline' {
  const InlineWorker: new () => Worker;
  export default InlineWorker;
}
