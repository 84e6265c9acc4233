import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { Naught, root } from '../support/naught.ts';
import { isAlive, kill, marked } from '../support/processes.ts';
import { mountsDisks, SmallDisk } from './full-disk.ts';
import { limitsMemory, memoryLimit } from './memory-limit.ts';
import { limitsProcesses, noMoreProcesses, ownedByNobody } from './process-limit.ts';
import { killedStarters } from './starter.ts';
import { type Result, Trial } from './trial.ts';

/** Something that goes wrong, and what may come of it. */
export interface Row {
  fault: string;
  /** How often in the short form, which every run of the tests has, and in the full one. */
  times: [short: number, full: number];
  /** Why it cannot be tried here. */
  obstacle?: () => string | undefined;
  /** `naught`: a folder of its own, with a port. Throws when something is not as it must be. */
  run(naught: Naught, times: number): Promise<Result>;
}

const hour = 3_600_000;
const slots = 8;
/** A worker that lives for 10 s begins anew: without that, the next restarts of a slot wait for ever longer. */
const healthyMs = 11_000;

export const rows: Row[] = [
  {
    fault: 'deploys',
    times: [1, 100],
    async run(naught, times) {
      const trial = await Trial.start(naught, { start: ['--worker-count', '2'] });
      for (let at = 0; at < times; at++) await trial.command(['deploy']);
      return trial.end();
    },
  },
  {
    fault: 'SIGKILL of a worker',
    times: [2, 20],
    async run(naught, times) {
      const trial = await Trial.start(naught, { start: ['--worker-count', '2'] });
      for (let at = 0; at < times; at++) {
        if (at > 0 && at % 8 === 0) await wait(healthyMs);
        await killWorker(trial, at % 2);
      }
      return trial.end();
    },
  },
  {
    fault: 'crash after crash of eight workers',
    times: [16, 2_000],
    async run(naught, times) {
      const trial = await Trial.start(naught, { start: ['--worker-count', String(slots)] });
      let left = times;
      const crashes = async (slot: number) => {
        for (let inRow = 1; left > 0; inRow++) {
          left -= 1;
          await killWorker(trial, slot);
          if (inRow % 6 === 0 && left > 0) await wait(healthyMs);
        }
      };
      await Promise.all(Array.from({ length: slots }, (_, slot) => crashes(slot)));
      return trial.end();
    },
  },
  {
    fault: "a worker at its cgroup's memory limit",
    times: [1, 5],
    obstacle: limitsMemory,
    async run(naught, times) {
      const trial = await Trial.start(naught);
      for (let at = 0; at < times; at++) {
        const worker = await naught.worker();
        await using _limit = memoryLimit(worker, 96 << 20);
        trial.killed += 1;
        // It may be at the limit before it has answered.
        await fetch(`http://127.0.0.1:${naught.env.PORT}/grow`).catch(() => {});
        await eventually(() => (isAlive(worker) ? undefined : true), 60_000);
        await naught.settled('0 1 0 0');
      }
      return trial.end();
    },
  },
  {
    fault: 'no more processes (RLIMIT_NPROC) as a worker dies',
    times: [1, 5],
    obstacle: limitsProcesses,
    async run(naught, times) {
      ownedByNobody(naught);
      const trial = await Trial.start(naught, { start: ['--worker-count', '2'] });
      for (let at = 0; at < times; at++) {
        if (at > 0) await wait(healthyMs);
        const before = naught.read('naught.log').length;
        {
          using _limit = noMoreProcesses(trial.supervisor);
          trial.kill(await naught.worker(0));
          await eventually(() => {
            const deaths =
              naught
                .read('naught.log')
                .slice(before)
                .match(/WorkerDeath/g) ?? [];
            return deaths.length > 2 ? true : undefined;
          });
          await trial.answers(50);
        }
        await naught.settled('0 2 0 0');
      }
      return trial.end();
    },
  },
  {
    fault: 'SIGKILL of control',
    times: [2, 50],
    async run(naught, times) {
      const trial = await Trial.start(naught);
      for (let at = 0; at < times; at++) await replaceControl(trial, 'SIGKILL');
      return trial.end();
    },
  },
  {
    fault: 'SIGSTOP of control, for good',
    times: [1, 10],
    async run(naught, times) {
      const trial = await Trial.start(naught);
      for (let at = 0; at < times; at++) await replaceControl(trial, 'SIGSTOP');
      return trial.end();
    },
  },
  {
    fault: 'SIGKILL of the supervisor, then start',
    times: [1, 10],
    async run(naught, times) {
      let lost = {};
      for (let at = 0; at < times; at++) {
        const trial = await Trial.start(naught);
        const inFlight = trial.endRequests();
        kill(trial.supervisor);
        lost = { ...lost, ...(await inFlight) };
        await eventually(() => (marked(naught.dir).length === 0 ? true : undefined), 60_000);
      }
      const result = await (await Trial.start(naught)).end();
      return { ...result, lost: { ...lost, ...result.lost } };
    },
  },
  {
    fault: 'start killed at any instant',
    times: [6, 600],
    async run(naught, times) {
      await killedStarters(naught, times);
      return (await Trial.start(naught)).end();
    },
  },
  {
    fault: 'two daemons on one set of logs',
    times: [1, 20],
    async run(naught, times) {
      await using other = await Naught.withPort();
      const files = ['stdout', 'stderr'].flatMap((name) => [`--${name}`, naught.path(`${name}.log`)]);
      const options = ['--max-log-size', '5000'];
      const trials = [
        await Trial.start(naught, { start: options }),
        await Trial.start(other, { start: [...options, ...files], logs: naught }),
      ] as const;
      for (const trial of trials) await trial.answers(500 * times);
      const second = await trials[1].end();
      return sum(await trials[0].end(), second);
    },
  },
  {
    fault: 'the clock jumps forth and back by hours',
    times: [2, 20],
    async run(naught, times) {
      const node = `--require ${root}/test/fixtures/logs/clock.cjs`;
      // The daemon's own processes take the second, the workers the first.
      naught.env = { ...naught.env, CLOCK: naught.write('clock', '0'), NODE_OPTIONS: node, NAUGHT_NODE_OPTIONS: node };
      const trial = await Trial.start(naught, { start: ['--max-log-size', '2000'] });
      for (let at = 0; at < times; at++) {
        naught.write('clock', String((at % 2 === 0 ? 2 : -3) * hour));
        await trial.answers(200);
      }
      return trial.end();
    },
  },
  {
    fault: 'the disk of the logs is full',
    times: [1, 5],
    obstacle: mountsDisks,
    async run(naught, times) {
      using disk = new SmallDisk(naught.path('logs'));
      const trial = await Trial.start(naught, { start: ['--stdout', 'logs/stdout.log'], stdout: 'logs/stdout.log' });
      for (let at = 0; at < times; at++) {
        disk.fill();
        await trial.answers(300);
        disk.free();
        await trial.answers(50);
      }
      return await trial.end();
    },
  },
];

async function killWorker(trial: Trial, slot: number): Promise<void> {
  // One that was killed is shown until the supervisor has heard of it.
  const worker = await eventually(async () => {
    // Hundreds of questions a second would be a fault of their own.
    await wait(200);
    const pid = await trial.naught.worker(slot).catch(() => undefined);
    return pid !== undefined && isAlive(pid) ? pid : undefined;
  }, 60_000);
  trial.kill(worker);
  await eventually(() => (isAlive(worker) ? undefined : true));
}

/** Another one answers; meanwhile requests are answered, each with its line. */
async function replaceControl(trial: Trial, signal: NodeJS.Signals): Promise<void> {
  const former = trial.control;
  kill(former, signal);
  await eventually(() => (trial.control !== former && trial.control !== 0 ? true : undefined), 30_000);
  await trial.command(['status']);
  await trial.answers(50);
}

function sum(first: Result, second: Result): Result {
  const { written, missing, twice } = second.lines;
  return {
    ...first,
    answered: first.answered + second.answered,
    lost: { ...first.lost, ...second.lost },
    lines: {
      written: first.lines.written + written,
      missing: first.lines.missing + missing,
      twice: Math.max(first.lines.twice, twice),
    },
  };
}
