import { parseArgs } from 'node:util';

export interface LossOptions {
  quick: boolean;
  node: string;
  kinds: RegExp;
  events: RegExp;
  /** Cells at the same time. */
  jobs: number;
}

export function lossOptions(args: string[]): LossOptions {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      node: { type: 'string', default: process.execPath },
      kind: { type: 'string', default: '' },
      event: { type: 'string', default: '' },
      jobs: { type: 'string', default: '2' },
    },
  });
  return {
    quick: values.quick,
    node: values.node,
    kinds: new RegExp(values.kind, 'i'),
    events: new RegExp(values.event, 'i'),
    jobs: Number(values.jobs),
  };
}
