import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Inspector } from '../../bench/logs/inspector.ts';
import { freePort } from '../../bench/port.ts';
import { errors } from '../../src/protocol/errors.ts';
import { controlOf } from '../e2e-logs/support.ts';
import { eventually } from '../support/eventually.ts';
import { Naught, server } from '../support/naught.ts';
import { descriptors } from '../support/processes.ts';
import { Turns } from '../support/turns.ts';
import { type Exchange, exchange } from './fuzz/exchange.ts';
import { Random } from './fuzz/random.ts';
import { type Attempt, attemptOf } from './fuzz/requests.ts';

/** `npm run bench:fuzz` has the long form: FUZZ is how many seconds. SEED repeats what was sent. */
const seconds = Number(process.env.FUZZ ?? 5);
const seed = Number(process.env.SEED ?? Date.now() % 1e9);
const clients = 12;
/** CPU milliseconds that control may be busy in one go, beyond what `status` takes. */
const longestMs = 50;
/** How often it is asked how long it was, in milliseconds. */
const lookMs = 20;
const warmUp = 300;

const described = [
  100,
  200,
  204,
  503,
  ...Object.values(errors).flatMap(({ status }) => (status < 500 ? [status] : [])),
];

it(
  `whatever clients send is answered as described, and keeps nobody waiting (SEED=${seed})`,
  async () => {
    const inspectPort = await freePort();
    await using naught = await Naught.withPort(Inspector.environment('control', inspectPort));
    await naught.start([server]);
    const daemon = naught.pid() ?? 0;
    const control = controlOf(naught) ?? 0;
    using turns = await Turns.of(inspectPort);
    const crowd = new Crowd(naught.path('naught.ipc'));

    // What is compiled when it is first used is no matter of a request.
    await crowd.come((sent) => sent < warmUp);
    const before = [daemon, control].map(descriptors);
    await turns.longest();
    for (let at = 0; at < 200; at++) await naught.status();
    const base = await turns.longest();

    const end = performance.now() + seconds * 1_000;
    let over = false;
    const long: { ms: number; after: string[] }[] = [];
    const look = async () => {
      while (!over) {
        await wait(lookMs);
        const after = crowd.latest;
        const ms = Math.round(await turns.longest());
        if (ms > base + longestMs / 2) long.push({ ms, after });
      }
    };
    const looking = look();
    await crowd.come(() => performance.now() < end);
    over = true;
    await looking;
    long.sort((a, b) => b.ms - a.ms);
    const statuses = [...crowd.statuses].map(([status, times]) => `${times} × ${status}`).join(', ');
    console.log(
      `SEED=${seed}: ${crowd.sent} clients; ${statuses}; busy for ${long[0]?.ms ?? `less than ${Math.round(base + longestMs / 2)}`} ms in one go`,
    );

    expect(crowd.faults.slice(0, 5)).toEqual([]);
    expect(long.filter(({ ms }) => ms > base + longestMs)).toEqual([]);
    expect(await naught.run(['status'])).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
    expect(controlOf(naught)).toBe(control);
    expect(naught.read('naught.log')).not.toMatch(/ error |control was started again|in the supervisor/);
    await eventually(() =>
      [daemon, control].every((pid, of) => descriptors(pid) <= before[of]! + 1) ? true : undefined,
    );
  },
  seconds * 2_000 + 180_000,
);

/** Clients that come, one after the other and several at a time, and what became of them. */
class Crowd {
  sent = 0;
  readonly statuses = new Map<number, number>();
  readonly faults: string[] = [];
  /** What was sent last. */
  latest: string[] = [];

  constructor(private readonly ipcFile: string) {}

  async come(more: (sent: number) => boolean): Promise<void> {
    await Promise.all(Array.from({ length: clients }, () => this.#one(more)));
  }

  async #one(more: (sent: number) => boolean): Promise<void> {
    while (more(this.sent)) {
      const attempt = attemptOf(new Random(seed + this.sent++));
      this.latest = [...this.latest.slice(-2 * clients), attempt.what];
      this.#judge(attempt, await exchange(this.ipcFile, attempt));
    }
  }

  #judge({ what }: Attempt, { statuses, problems, text, trouble }: Exchange): void {
    for (const status of statuses) this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const undescribed = statuses.filter((status) => !described.includes(status));
    const refused = statuses.filter((status) => status >= 400).length;
    const faults = [
      undescribed.length > 0 && `answered with ${undescribed}`,
      refused !== problems && `${refused} refusals, and ${problems} problems`,
      text.includes('"kind":"internal"') && 'an internal error',
      trouble,
    ];
    for (const fault of faults) if (fault) this.faults.push(`${what}: ${fault}: ${JSON.stringify(text.slice(0, 500))}`);
  }
}
