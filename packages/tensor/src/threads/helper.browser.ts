import { help } from './help.ts';

self.onmessage = ({ data }) => help(data, () => self.postMessage('ready'));
