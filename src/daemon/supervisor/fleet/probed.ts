import type { ProbeReport } from '../../worker-link.ts';
import type { Probed } from '../machine/inputs.ts';

/** Characters of what a worker says. */
const longest = 500;

/** As the machine hears it. The other end of the pipe is a user's process: what is no status is no answer. */
export function probedOf(worker: number, { id, status, body, error }: ProbeReport): Probed {
  const probed: Probed = { type: 'probed', worker, probe: id };
  if (Number.isInteger(status)) probed.status = status as number;
  if (typeof body === 'string') probed.body = body.slice(0, longest);
  if (typeof error === 'string') probed.error = error.slice(0, longest);
  return probed;
}
