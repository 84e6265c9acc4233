import type { AnsweredBy, Calls } from '../../protocol/calls.ts';

/** What a key of `top` does, once it is answered with y. */
export interface Action {
  key: string;
  name: string;
  method: AnsweredBy<'operation'>;
  params: Calls[AnsweredBy<'operation'>]['params'];
  question: string;
}

export const actions: readonly Action[] = [
  {
    key: 'd',
    name: 'deploy',
    method: 'deploy',
    params: {},
    question: 'Deploy what is at the path of the script now, with the environment, arguments and count as they are?',
  },
  {
    key: 'r',
    name: 'restart',
    method: 'restart',
    params: {},
    question: 'Replace the workers by new ones of the same release?',
  },
  {
    key: 'b',
    name: 'rollback',
    method: 'rollback',
    params: {},
    question: 'Go back to the release that served before this one?',
  },
  {
    key: 'p',
    name: 'promote',
    method: 'promote',
    params: {},
    question: 'End the bake well, now?',
  },
  {
    key: 'a',
    name: 'abort',
    method: 'deploy.abort',
    params: {},
    question: 'Abort the deploy: destroy the new workers, or kill the old ones that do not leave?',
  },
  {
    key: 's',
    name: 'stop',
    method: 'stop',
    params: {},
    question: 'Stop the server, and wait for its workers?',
  },
];
