import { connectionTexts } from '../../../protocol/counts.ts';
import type { Leaving } from '../../../protocol/status-schemas.ts';
import { ageText } from '../terminal/units.ts';
import { type LiveModel, type LiveWorker, leftOf } from './model.ts';

/** Seconds before a worker counts as waited for. */
const patience = 1;
/** Workers that a sentence names. */
const mostNamed = 3;

/** For whom it is waited, for what, for how long and until when: a sentence for all that have the same reason, the longest wait first. */
export function waitsOf(model: LiveModel, now: number): string[] {
  const waits = model.workers.filter(isWaitedFor).sort((a, b) => a.since - b.since);
  const byReason = new Map<string, LiveWorker[]>();
  for (const worker of waits) {
    if (now - worker.since < patience * 1_000) continue;
    const reason = reasonOf(worker);
    byReason.set(reason, [...(byReason.get(reason) ?? []), worker]);
  }
  return [...byReason].map(([reason, workers]) => `${nameOf(workers)} ${reason}, ${howLong(workers, now)}`);
}

const isWaitedFor = ({ state, side }: LiveWorker): boolean =>
  state === 'dying' || state === 'destroyed' || (state === 'booting' && side === 'new');

function nameOf(workers: LiveWorker[]): string {
  const named = workers.slice(0, mostNamed).map(({ slot, pid }) => `${slot} (pid ${pid})`);
  const rest = workers.length - named.length;
  return `worker ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}:`;
}

function reasonOf({ state, listening, leaving }: LiveWorker): string {
  if (state === 'booting') return listening ? "listening, but has not said 'online'" : 'not online yet';
  if (state === 'destroyed') return 'being ended';
  return leaving === null ? 'leaving' : leavingText(leaving);
}

/** What a worker that leaves still does. */
function leavingText({ answered, by, holding }: Leaving): string {
  if (!answered) return 'no word since it was asked to leave, its event loop may be blocked';
  if (by === 'app') return "left to the application, which handles 'shutdown' itself";
  const held = connectionTexts(holding ?? {});
  return held.length === 0 ? 'leaving' : `still ${held.join(', ')}`;
}

/** Since the first of them waits, and until the last of them is killed. */
function howLong(workers: LiveWorker[], now: number): string {
  const age = `for ${ageText((now - Math.min(...workers.map(({ since }) => since))) / 1_000)}`;
  const limits = workers.map(({ leaving, leavingAt }) => leftOf(leaving?.limit, leavingAt, now));
  const last = limits.every((limit) => limit !== null) ? Math.max(...limits) : null;
  return last === null ? age : `${age}; killed in ${ageText(last)}`;
}

/** Until when the operation is waited for, and the command that ends it. followed: Ctrl-C in the command that follows it does too. */
export function remedyOf(
  { operation, operationAt }: LiveModel,
  { ipcFile, followed }: { ipcFile: string; followed: boolean },
  now: number,
): string {
  const limit = leftOf(operation?.limit, operationAt, now);
  const until = limit === null ? 'no timeout' : `timeout in ${ageText(limit)}`;
  const words = (command: string, interrupts = '') =>
    `${followed ? interrupts : ''}naught ${command}${ipcFile === 'naught.ipc' ? '' : ` ${ipcFile}`}`;
  return `${until}; ${ending(operation?.type, operation?.phase, words)}`;
}

type Words = (command: string, interrupts?: string) => string;

function ending(type: string | undefined, phase: string | undefined, words: Words): string {
  if (type === 'stop') return `${words('stop --timeout 1')} ends it`;
  if (type === 'boot') return `${words('stop', 'Ctrl-C twice, or ')} ends it`;
  if (phase === 'old') return `${words('deploy-abort', 'Ctrl-C, or ')} kills those that have not left`;
  if (phase === 'bake')
    return `${words('promote')} ends the bake well; ${words('deploy-abort', 'Ctrl-C, or ')} brings the former release back`;
  if (phase === 'undo') return 'the old workers go on';
  return `${words('deploy-abort', 'Ctrl-C, or ')} aborts it`;
}
