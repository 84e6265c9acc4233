import { describe, expect, test } from 'vitest';
import { applyEvent, applyStatus, type LiveModel, newModel } from '../../../src/cli/output/live/model.ts';
import { noteText, summaryText } from '../../../src/cli/output/live/summary.ts';
import { operationView } from '../../../src/cli/output/live/view.ts';
import type { Look } from '../../../src/cli/output/terminal/look.ts';
import type { OperationStatus, Status, WorkerStatus } from '../../../src/protocol/status-schemas.ts';
import { counts, event, status } from '../support/control.ts';

const look: Look = { columns: 80, rows: 24, color: false, unicode: true };

const operation = (over: Partial<OperationStatus> = {}): OperationStatus => ({
  type: 'deploy',
  phase: 'new',
  startedAt: '2026-01-01T00:00:00.000Z',
  elapsed: 3,
  limit: null,
  release: 4,
  from: 3,
  newWorkers: 2,
  toLeave: 2,
  ...over,
});

const worker = (slot: number, pid: number, over: Partial<WorkerStatus> = {}): WorkerStatus => ({
  slot,
  pid,
  state: 'online',
  release: 3,
  uptime: 7_385,
  crashes: 0,
  restarts: 0,
  ...over,
});

const told = (name: string, slot: number, pid: number, more = {}) => ({
  ...event(name, counts(0, 2)),
  worker: { slot, pid, ...more },
});

/** Two old workers, and two new ones of which one is online and one does not say so. */
function halfway(over: Partial<Status> = {}): LiveModel {
  const model = newModel(0);
  applyStatus(model, status({ release: 3, workers: [worker(0, 4711), worker(1, 4712)] }), 0);
  applyEvent(model, told('SpawnNew', 0, 5120), 100);
  applyEvent(model, told('SpawnNew', 1, 5121), 100);
  applyEvent(model, told('NewOnline', 0, 5120), 2_100);
  const young = { release: 4, uptime: 3, candidate: true } as const;
  const workers = [
    worker(0, 4711, { uptime: 7_388 }),
    worker(1, 4712, { uptime: 7_388 }),
    worker(0, 5120, { ...young, state: 'new_online' }),
    worker(1, 5121, { ...young, state: 'booting', listening: true }),
  ];
  applyStatus(model, status({ release: 3, operation: operation(), workers, ...over }), 3_000);
  return model;
}

/** And then all new ones are online, one old one has left, and one does not. */
function leaving(): LiveModel {
  const model = halfway();
  applyEvent(model, told('NewOnline', 1, 5121), 3_500);
  applyEvent(model, told('ShutdownOld', 0, 4711), 3_500);
  applyEvent(model, told('ShutdownOld', 1, 4712), 3_500);
  applyEvent(model, told('OldExit', 0, 4711), 4_000);
  const holding = { requests: 1, streams: 0, websockets: 0, other: 0, idle: 12 };
  const asked = { since: 9, limit: 21, told: false, answered: true, holding };
  const { from: _, ...late } = operation({ phase: 'old', limit: 50, toLeave: 1 });
  const workers = [worker(1, 4712, { state: 'dying', leaving: asked })];
  applyStatus(model, status({ release: 4, operation: late, workers }), 12_500);
  return model;
}

const view = (model: LiveModel, over: Partial<Look> = {}, now = 3_000) =>
  operationView(model, 'deploy', 'naught.ipc', now, { ...look, ...over });

describe('a deploy', () => {
  test('has a row for each slot with its old and its new worker, and says who has not said online', () => {
    expect(view(halfway())).toEqual([
      'deploy release 4 after 3  3.0 s',
      'new ██████████░░░░░░░░░░ 1/2   old ░░░░░░░░░░░░░░░░░░░░ 0/2',
      '0 4711 online 2 h 03 min → 5120 new_online 3.0 s',
      '1 4712 online 2 h 03 min → 5121 booting    3.0 s',
      "waits: worker 1 (pid 5121): listening, but has not said 'online', for 3.0 s",
      'no timeout; Ctrl-C, or naught deploy-abort aborts it',
    ]);
  });

  test('says who does not leave, with what it holds, until when, and how to end it', () => {
    expect(view(leaving(), {}, 13_500)).toEqual([
      'deploy release 4 after 3  14 s',
      'new ████████████████████ 2/2   old ██████████░░░░░░░░░░ 1/2',
      '0 4711 gone       → 5120 new_online 14 s',
      '1 4712 dying 10 s → 5121 new_online 14 s',
      'waits: worker 1 (pid 4712): still 1 request, 12 kept-alive connections, for 10',
      's; killed in 20 s',
      'timeout in 49 s; Ctrl-C, or naught deploy-abort kills those that have not left',
    ]);
  });

  test('fits into 20 columns', () => {
    expect(view(halfway(), { columns: 20 })).toEqual([
      'deploy release 4 aft',
      'new  1/2   old  0/2',
      '0 online → new_onlin',
      '1 online → booting',
      'waits: worker 1 (pid',
      '5121): listening,',
      'but has not said',
      "'online', for 3.0 s",
      'no timeout; Ctrl-C,',
      'or naught',
      'deploy-abort aborts',
      'it',
    ]);
  });

  test('leaves out ages where there is no room, and all but ASCII where that is all there is', () => {
    expect(view(halfway(), { columns: 44, unicode: false }).slice(0, 4)).toEqual([
      'deploy release 4 after 3  3.0 s',
      'new ######------ 1/2   old ------------ 0/2',
      '0 4711 online > 5120 new_online',
      '1 4712 online > 5121 booting',
    ]);
  });

  test('has colours for those who can see them', () => {
    const [title = '', , row = ''] = view(halfway(), { color: true });
    expect(title).toBe('\u001b[1mdeploy\u001b[22m release 4 after 3\u001b[36m  3.0 s\u001b[39m');
    expect(row).toContain('\u001b[32mnew_online\u001b[39m');
  });

  test('shows those slots first that are waited for, when there are more than rows', () => {
    const model = newModel(0);
    const workers = Array.from({ length: 40 }, (_, slot) =>
      worker(slot, 1_000 + slot, {
        release: 4,
        candidate: true,
        state: slot === 33 ? 'booting' : 'new_online',
        uptime: 1,
      }),
    );
    applyStatus(model, status({ operation: operation({ newWorkers: 40, toLeave: 0 }), workers }), 1_000);
    expect(view(model, { rows: 8 }, 1_000)).toEqual([
      'deploy release 4 after 3  1.0 s',
      'new ███████████████████░ 39/40',
      '33 1033 booting    1.0 s',
      ' 0 1000 new_online 1.0 s',
      ' 1 1001 new_online 1.0 s',
      ' 2 1002 new_online 1.0 s',
      '… and 36 more',
    ]);
  });

  test('that is given up shows its new workers go', () => {
    const model = halfway();
    applyEvent(model, told('NewDeath', 1, 5121, { exitCode: 7 }), 3_200);
    applyEvent(model, told('DestroyNew', 0, 5120), 3_200);
    applyStatus(model, status({ release: 3, operation: operation({ phase: 'undo', toLeave: 0 }), workers: [] }), 3_300);
    expect(view(model, { columns: 100 }, 5_300)).toEqual([
      'deploy release 4 after 3  5.3 s',
      'new ░░░░░░░░░░░░░░░░░░░░ 0/2   given up ██████████░░░░░░░░░░ 1/2',
      '0 4711 online 2 h 03 min → 5120 destroyed 2.1 s',
      '1 4712 online 2 h 03 min → 5121 gone      exit 7',
      'waits: worker 0 (pid 5120): being ended, for 2.1 s',
      'no timeout; the old workers go on',
    ]);
    expect(summaryText(model, 'deploy', true, 5_300)).toBe(
      'deploy failed, nothing has changed: release 3, 2 workers online, in 5.3 s',
    );
  });

  test('names its phase when this version does not know it', () => {
    const model = halfway({ operation: operation({ phase: 'dwell' }) });
    expect(view(model)[1]).toMatch(/^new █+░+ 1\/2 {3}dwell ░+ {4}old ░+ 0\/2$/);
  });

  test('that watches its new workers shows for how long still, and how to end that', () => {
    const bake = operation({ phase: 'bake', bake: { of: 60, left: 45 } });
    const workers = [worker(0, 5120, { state: 'new_online', release: 4, candidate: true, uptime: 3 })];
    const model = newModel(0);
    applyStatus(model, status({ operation: { ...bake, newWorkers: 1, toLeave: 1 }, workers }), 3_000);
    const [, phases, ...rest] = view(model, { columns: 100 });
    expect(phases).toMatch(/^new █{20} 1\/1 {3}bake █{5}░{15} 45 s left {3}old ░{20} 0\/1$/);
    expect(rest.slice(1).join(' ')).toBe(
      'no timeout; naught promote ends the bake well; Ctrl-C, or naught deploy-abort brings the former release back',
    );
  });

  test('a scale that only adds workers waits for no old ones', () => {
    const model = halfway({ operation: operation({ newWorkers: 2, toLeave: 0 }) });
    expect(view(model)[1]).toBe('new ██████████░░░░░░░░░░ 1/2');
  });
});

test('one reason of several workers is told once', () => {
  const model = newModel(0);
  const asked = { since: 3, limit: null, told: true, answered: true, by: 'app' } as const;
  const workers = [0, 1, 2, 3].map((slot) => worker(slot, 4711 + slot, { state: 'dying', leaving: asked }));
  applyStatus(model, status({ operation: operation({ phase: 'old' }), workers }), 3_000);
  expect(view(model).slice(-3)).toEqual([
    'waits: worker 0 (pid 4711), 1 (pid 4712), 2 (pid 4713) and 1 more: left to the',
    "application, which handles 'shutdown' itself, for 3.0 s",
    'no timeout; Ctrl-C, or naught deploy-abort kills those that have not left',
  ]);
});

test('a stop has old workers alone, and names the ipc-file that it was given', () => {
  const model = newModel(0);
  applyStatus(model, status({ workers: [worker(0, 4711)] }), 0);
  applyEvent(model, told('ShutdownOld', 0, 4711), 0);
  const asked = { since: 3, limit: null, told: false, answered: false };
  const workers = [worker(0, 4711, { state: 'dying', leaving: asked })];
  const stop = { type: 'stop', phase: 'shutdown', startedAt: '', elapsed: 3, limit: null, toLeave: 1 };
  applyStatus(model, status({ operation: stop, workers }), 3_000);
  expect(operationView(model, 'stop', 'shop.ipc', 3_000, look)).toEqual([
    'stop  3.0 s',
    'old ░░░░░░░░░░░░░░░░░░░░ 0/1',
    '0 4711 dying 3.0 s',
    'waits: worker 0 (pid 4711): no word since it was asked to leave, its event loop',
    'may be blocked, for 3.0 s',
    'no timeout; naught stop --timeout 1 shop.ipc ends it',
  ]);
  applyEvent(model, told('OldExit', 0, 4711), 4_000);
  expect(summaryText(model, 'stop', false, 4_000)).toBe('stopped: 1 worker left, in 4.0 s');
});

test('the last line says what has changed', () => {
  expect(summaryText(leaving(), 'deploy', false, 12_400)).toBe(
    'deployed: release 4 after 3, 2 workers online, in 12 s',
  );
  expect(summaryText(leaving(), 'turnip', false, 12_400)).toMatch(/^turnip done: release 4/);
});

test('a status that was on its way while an event came takes nothing back', () => {
  const model = halfway();
  applyEvent(model, told('NewOnline', 1, 5121), 3_100);
  const late = worker(1, 5121, { release: 4, candidate: true, state: 'booting', uptime: 3 });
  applyStatus(model, status({ operation: operation(), workers: [late] }), 3_150);
  expect(model.workers.find(({ pid }) => pid === 5121)?.state).toBe('new_online');
});

test('the status after the end leaves the new workers where they are', () => {
  const model = halfway();
  const workers = [worker(0, 5120, { release: 4, uptime: 4 }), worker(1, 5121, { release: 4, uptime: 4 })];
  applyStatus(model, status({ release: 4, workers }), 4_000);
  expect(view(model, {}, 4_000)[1]).toBe('new ████████████████████ 2/2   old ░░░░░░░░░░░░░░░░░░░░ 0/2');
});

test('an old worker that crashes in the midst of a deploy is replaced on its own side', () => {
  const model = halfway();
  applyEvent(model, told('WorkerDeath', 0, 4711, { signal: 'SIGKILL' }), 3_100);
  applyEvent(model, told('SpawnNew', 0, 6000), 3_100);
  applyStatus(model, status({ operation: operation(), workers: [worker(0, 6000, { uptime: 1 })] }), 3_200);
  expect(view(model, {}, 3_200)[2]).toBe('0 6000 online 1.0 s      → 5120 new_online 3.2 s');
});

test.each([
  [told('WorkerDeath', 1, 4712, { exitCode: 3 }), false, 'WorkerDeath, worker 1 (pid 4712): exit code 3'],
  [told('NewDeath', 1, 4712, { signal: 'SIGSEGV' }), false, 'NewDeath, worker 1 (pid 4712): SIGSEGV'],
  [{ ...told('OldExit', 1, 4712), note: 'cut: 2 requests' }, true, 'OldExit, worker 1 (pid 4712): cut: 2 requests'],
  [told('OldExit', 1, 4712, { exitCode: 0 }), true, undefined],
  [{ ...told('Status', 1, 4712), note: 'say online' }, false, 'Status, worker 1 (pid 4712): say online'],
  [{ ...told('Status', 1, 4712), note: 'it still waits for 1 request' }, true, undefined],
  [event('Eclipse', counts()), false, 'Eclipse'],
])('what the rows do not keep is a line of its own: %#', (each, leaves, expected) => {
  expect(noteText(each, leaves)).toBe(expected);
});
