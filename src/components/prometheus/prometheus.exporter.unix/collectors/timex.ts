import { NoData, type Collector } from '../collector.ts';

export const timex: Collector = {
  name: 'timex',
  doc: 'The state of the kernel clock, which Node.js has no means to ask for: it never has data.',
  open: () => () => Promise.reject(new NoData('Node.js cannot ask for the state of the kernel clock')),
};
