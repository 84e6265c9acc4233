import { expect, test } from 'vitest';
import type { Failure } from '../../../src/daemon/supervisor/machine/state.ts';
import { History, type Origin } from '../../../src/daemon/supervisor/releases/history.ts';
import type { CallError } from '../../../src/protocol/errors.ts';
import { release } from '../machine/support.ts';

const died: Failure = { type: 'died', worker: 1, slot: 0, exit: { code: 3, signal: null }, wasOnline: false };
const deploy: Origin = { type: 'deploy' };

/** A history and its clock, in seconds. */
class Past {
  readonly history: History;
  seconds = 0;

  constructor(keep = 20) {
    this.history = new History(keep);
    this.serves(this.begins({}, { type: 'boot' }));
  }

  get #now(): number {
    return this.seconds * 1000;
  }

  begins(environment: Record<string, string> = {}, origin = deploy, workerCount = 2) {
    const opened = this.history.open(
      { ...release(0, workerCount), environment },
      origin,
      `2026-01-01T00:00:0${this.seconds % 10}.000Z`,
    );
    this.history.begin();
    return opened;
  }

  serves(current: ReturnType<History['open']>) {
    this.history.observe(current, this.#now);
    this.history.close(undefined, undefined, this.#now);
    return current;
  }

  fails(failure: Failure = died) {
    this.history.close(failure.type === 'aborted' ? 'deploy-aborted' : 'deploy-failed', failure, this.#now);
  }

  get entries() {
    return this.history.list(this.#now).releases;
  }

  /** `NUMBER STATE`, the newest first. */
  get states(): string[] {
    return this.entries.map((entry) => `${entry.release} ${entry.state}`);
  }

  refusal(number?: number): string {
    try {
      return `went back to ${this.history.former(number).number}`;
    } catch (error) {
      expect((error as CallError).kind).toBe('no-former-release');
      return (error as CallError).message;
    }
  }
}

test('each boot, deploy and rollback has a number of its own, that failed or not', () => {
  const past = new Past();
  past.begins();
  past.fails();
  past.begins();
  past.fails({ type: 'aborted' });
  past.serves(past.begins());
  past.serves(past.begins({}, { type: 'rollback', of: 1 }));
  expect(past.states).toEqual(['5 serving', '4 replaced', '3 aborted', '2 failed', '1 replaced']);
  expect(past.entries[0]).toMatchObject({ type: 'rollback', of: 1 });
  expect(past.entries[3]).toMatchObject({ type: 'deploy', reason: 'died', served: 0 });
  expect(past.entries[2]).not.toHaveProperty('reason');
  expect(past.history.list(0)).toMatchObject({ current: 5, kept: 20 });
});

test('one that was refused leaves no trace, and its number is free', () => {
  const past = new Past();
  past.begins();
  past.history.open(release(0, 1), deploy, '');
  past.history.withdraw();
  past.fails();
  expect(past.states).toEqual(['2 failed', '1 serving']);
  expect(past.history.next).toBe(3);
});

test('it serves until another one is current', () => {
  const past = new Past();
  past.seconds = 10;
  past.serves(past.begins());
  past.seconds = 13;
  expect(past.states).toEqual(['2 serving', '1 replaced']);
  expect(past.entries.map(({ served }) => served)).toEqual([3, 10]);
});

test.each<[string, Failure]>([
  ['died', died],
  ['aborted', { type: 'aborted' }],
])('one whose first workers serve, and that %s, is undone, and the former one has served on', (reason, failure) => {
  const past = new Past();
  past.begins();
  past.seconds = 10;
  past.history.serve(10_000);
  expect(past.states).toEqual(['2 deploying', '1 serving']);
  past.seconds = 13;
  past.history.serve(13_000);
  past.fails(failure);
  past.seconds = 20;
  expect(past.states).toEqual(['2 undone', '1 serving']);
  expect(past.entries.map(({ served }) => served)).toEqual([3, 20]);
  expect(past.entries[0]).toMatchObject({ reason });
  expect(past.refusal(2)).toBe('release 2 was undone');
});

test('a stop while the old workers of a deploy leave takes nothing away from its release', () => {
  const past = new Past();
  past.history.observe(past.begins(), 0);
  past.history.close('shutting-down', undefined, 0);
  past.history.begin();
  expect(past.states).toEqual(['2 serving', '1 replaced']);
});

test('a restart and another count change the current one, and end what failed of them without a trace', () => {
  const past = new Past();
  const second = past.serves(past.begins());
  past.seconds = 5;
  past.history.begin();
  past.serves({ ...second, workerCount: 5 });
  past.history.begin();
  past.fails();
  expect(past.states).toEqual(['2 serving', '1 replaced']);
  expect(past.entries[0]).toMatchObject({ workerCount: 5, served: 5 });
  past.serves(past.begins());
  expect(past.history.former()).toMatchObject({ number: 2, workerCount: 5 });
});

test('of variables only the names are told, against the release that was current', () => {
  const past = new Past();
  past.serves(past.begins({ KEPT: 'secret', GONE: 'secret', CHANGED: 'secret' }));
  past.begins({ BROKEN: 'secret' });
  past.fails();
  past.serves(past.begins({ KEPT: 'secret', CHANGED: 'other secret', NEW: 'secret' }));
  expect(past.entries[0]?.environment).toEqual({ added: ['NEW'], changed: ['CHANGED'], removed: ['GONE'] });
  expect(past.entries[1]?.environment).toMatchObject({ added: ['BROKEN'], removed: ['CHANGED', 'GONE', 'KEPT'] });
  expect(JSON.stringify(past.entries)).not.toContain('secret');
});

test('one can go back to what served, whole, and to nothing else', () => {
  const past = new Past();
  expect(past.refusal()).toBe('no release served before the current one');
  past.serves(past.begins({ A: '2' }, deploy, 4));
  past.begins({ A: '3' });
  past.fails();
  past.begins();
  past.fails({ type: 'aborted' });
  past.serves(past.begins({ A: '5' }));
  past.begins();
  expect(past.history.former()).toMatchObject({ number: 2, environment: { A: '2' }, workerCount: 4 });
  expect(past.refusal(1)).toBe('went back to 1');
  expect(past.refusal(3)).toBe('release 3 failed: it never served');
  expect(past.refusal(4)).toBe('release 4 was aborted: it never served');
  expect(past.refusal(5)).toBe('release 5 is the current one; naught restart starts its workers again');
  expect(past.refusal(6)).toBe('release 6 is being deployed');
  expect(past.refusal(7)).toBe('there is no release 7; naught releases shows those that are kept');
});

test('a rollback of a rollback goes forward again', () => {
  const past = new Past();
  past.serves(past.begins({ A: '2' }));
  past.serves(past.begins(past.history.former().environment, { type: 'rollback', of: 1 }));
  expect(past.history.former()).toMatchObject({ number: 2, environment: { A: '2' } });
});

test('the last ones are kept: what failed goes first, and what one can go back to last', () => {
  const past = new Past(3);
  past.serves(past.begins());
  for (let n = 0; n < 5; n++) {
    past.begins();
    past.fails();
  }
  expect(past.states).toEqual(['7 failed', '2 serving', '1 replaced']);
  past.serves(past.begins());
  expect(past.states).toEqual(['8 serving', '2 replaced', '1 replaced']);
  past.begins();
  past.fails();
  expect(past.states).toEqual(['9 failed', '8 serving', '2 replaced']);
  past.serves(past.begins());
  expect(past.states).toEqual(['10 serving', '8 replaced', '2 replaced']);
  expect(past.refusal(1)).toMatch(/^there is no release 1;/);
});

test.each([
  [1, ['3 serving']],
  [2, ['3 serving', '2 replaced']],
])('of %i the current one is always there', (keep, states) => {
  const past = new Past(keep);
  past.serves(past.begins());
  past.serves(past.begins());
  past.begins();
  past.fails();
  expect(past.states).toEqual(states);
  expect(past.history.next).toBe(5);
});
