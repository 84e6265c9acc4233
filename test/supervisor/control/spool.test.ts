import { expect, test } from 'vitest';
import { Spool, SpoolRoom } from '../../../src/daemon/supervisor/control/spool.ts';

const line = (number: number) => `${String(number).padStart(6, '0')} ${'x'.repeat(92)}\n`;

function filled(spool: Spool, lines: number): Spool {
  for (let number = 0; number < lines; number++) spool.push(Buffer.from(line(number)));
  return spool;
}

test('keeps all that it has room for', () => {
  const { bytes, dropped } = filled(new Spool(new SpoolRoom()), 1000).content();
  expect(dropped).toBe(0);
  expect(bytes.toString()).toBe(Array.from({ length: 1000 }, (_, number) => line(number)).join(''));
});

test('keeps the newest whole lines, and counts the others', () => {
  const { bytes, dropped } = filled(new Spool(new SpoolRoom()), 20_000).content();
  expect(bytes.length + dropped).toBe(2_000_000);
  expect(bytes.length).toBeGreaterThan(1000 * 1024);
  expect(bytes.length).toBeLessThanOrEqual(1024 * 1024);
  expect(bytes.toString()).toBe(
    Array.from({ length: bytes.length / 100 }, (_, at) => line(20_000 - bytes.length / 100 + at)).join(''),
  );
});

test('takes no more room than there is for all, and gives it back', () => {
  const room = new SpoolRoom();
  const spools = Array.from({ length: 100 }, () => filled(new Spool(room), 10_000));
  expect(room.used * 16 * 1024).toBeLessThanOrEqual(16 * 1024 * 1024 + 100 * 16 * 1024);
  for (const spool of spools) expect(spool.clear()).toBe(1_000_000);
  expect(room.used).toBe(0);
});
