import { createLogUpdate } from 'log-update';

/** Text on stdout, each in the place of the one before. */
export function replacing(): (text: string) => void {
  return createLogUpdate(process.stdout);
}
