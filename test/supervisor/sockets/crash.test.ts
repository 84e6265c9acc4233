import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Load, type Tally, type Target } from './clients.ts';
import { freePort } from './ports.ts';
import { type ForkedWorker, folder, Primary, type PrimaryOptions } from './primary.ts';

const clients = 8;

/** Kills the only worker, five times unless told otherwise, under load, each time after some answers, and starts another. */
async function crash(options: PrimaryOptions, at: { listen: object; target: Target }[], rounds = 5): Promise<Tally> {
  const primary = new Primary(options);
  const listen = at.map((place) => place.listen);
  let worker: ForkedWorker = await primary.fork(...listen);
  const load = new Load(
    at.map((place) => place.target),
    clients,
    options.hold === false ? 500 : undefined,
  );
  for (let round = 0; round < rounds; round++) {
    await load.answers(25);
    await primary.kill(worker);
    worker = await primary.fork(...listen);
  }
  await load.answers(25);
  const tally = await load.stop();
  expect(primary.errors).toBe('');
  return tally;
}

function expectNothingLost(tally: Tally): void {
  expect(tally).toMatchObject({ refused: 0, hung: 0 });
  // What the killed worker had accepted and not answered.
  expect(tally.reset + tally.empty).toBeLessThanOrEqual(5 * clients);
  expect(tally.ok).toBeGreaterThanOrEqual(150);
}

const tcp = async (host: string) => {
  const port = await freePort(host);
  return { listen: { port, host }, target: { port, host } };
};

describe.each(['rr', 'none'] as const)('while the only worker crashes five times, under %s', (scheduling) => {
  it('refuses nobody over TCP', async () => {
    expectNothingLost(await crash({ scheduling }, [await tcp('127.0.0.1')]));
  });

  it('refuses nobody over IPv6', async () => {
    expectNothingLost(await crash({ scheduling }, [await tcp('::1')]));
  });

  it('refuses nobody on any of two ports', async () => {
    expectNothingLost(await crash({ scheduling }, [await tcp('127.0.0.1'), await tcp('127.0.0.1')]));
  });

  it('refuses nobody on a Unix socket', async () => {
    const path = join(folder, `crash-${scheduling}.sock`);
    expectNothingLost(await crash({ scheduling }, [{ listen: { path }, target: { path } }]));
  });
});

it('refuses connections without the held sockets, so that these tests can fail', async () => {
  const tally = await crash({ hold: false }, [await tcp('127.0.0.1')], 2);
  expect(tally.refused).toBeGreaterThan(0);
});
