import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import type { Naught } from '../support/naught.ts';
import { marked } from '../support/processes.ts';
import { server } from './trial.ts';

/** Kills `start` at so many instants, evenly over the time that it takes: the next one must work, and nothing be left behind. */
export async function killedStarters(naught: Naught, times: number): Promise<void> {
  const begun = performance.now();
  await naught.start([server]);
  const whole = performance.now() - begun;
  await stop(naught);
  for (let at = 0; at < times; at++) {
    const after = (whole * at) / times;
    await killedAfter(naught, after).catch((cause) => {
      throw new Error(`killed ${after.toFixed(0)} ms after its begin`, { cause });
    });
  }
}

async function killedAfter(naught: Naught, ms: number): Promise<void> {
  const starter = naught.spawn(['start', server]);
  const ended = once(starter, 'exit');
  await wait(ms);
  starter.kill('SIGKILL');
  await ended;
  // 1: it serves already, or will do so.
  const { code, stderr } = await naught.run(['start', server]);
  if (code === 1 && (await naught.run(['status'])).code !== 0) throw new Error(`the next start: ${stderr}`);
  await naught.settled('0 1 0 0');
  const supervisors = marked(naught.dir).filter(({ title }) => title.startsWith('naught: supervisor'));
  if (supervisors.length !== 1) throw new Error(`${supervisors.length} daemons`);
  await stop(naught);
}

async function stop(naught: Naught): Promise<void> {
  const { code, stderr } = await naught.run(['stop']);
  if (code !== 0) throw new Error(`stop: ${stderr}`);
  await eventually(() => (marked(naught.dir).length === 0 ? true : undefined));
}
