import type { Status } from '../../../protocol/status-schemas.ts';
import { applyStatus, newModel } from '../live/model.ts';
import { progressLines } from '../live/view.ts';
import type { Look } from './look.ts';
import { table, workerColumns } from './table.ts';

/** What a terminal shows of a status besides the line of 1.x: the workers, and what is in progress. */
export function overviewOf(status: Status, ipcFile: string, look: Look): string[] {
  const workers = status.workers.length === 0 ? [] : ['', ...table(workerColumns, status.workers, look)];
  const progress = progressOf(status, ipcFile, look);
  return [...workers, ...(progress.length === 0 ? [] : ['', ...progress])];
}

/** What is in progress, of which nothing is known but this status. */
export function progressOf(status: Status, ipcFile: string, look: Look): string[] {
  const { operation } = status;
  if (operation === undefined) return [];
  const now = operation.elapsed * 1_000;
  const model = newModel(0);
  applyStatus(model, status, now);
  return progressLines(model, operation.type, ipcFile, now, look);
}
