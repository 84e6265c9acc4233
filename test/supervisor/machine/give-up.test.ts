import { expect, it } from 'vitest';
import { Drive } from './support.ts';

it('asks a new worker that is online to leave when its deploy fails: it may hold requests, whether or not it was heard to listen', () => {
  const drive = new Drive().boot(2).deploy(2, 2);
  const [first = 0, second = 0] = drive.ids('booting');
  drive.online(first);
  drive.deeds();
  drive.exit(second, 1);
  expect(drive.deeds()).toEqual([`drain ${first}`]);
  drive.told(first, 'preload').deeds();
  drive.pass(5_000);
  expect(drive.deeds()).toEqual([`SIGTERM ${first}`]);
});

it('reminds of a forgotten online 5 s after the first server listens, however many follow', () => {
  const drive = new Drive().boot(1).deploy(2, 1);
  const [worker = 0] = drive.ids('booting');
  drive.feed({ type: 'listening', worker });
  drive.pass(3_000).feed({ type: 'listening', worker });
  drive.transcript();
  expect(drive.pass(2_000).transcript()).toHaveLength(1);
});
