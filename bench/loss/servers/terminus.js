// Leaves on SIGTERM.
import { createTerminus } from '@godaddy/terminus';
import { server } from './plain.js';

createTerminus(server, { signals: ['SIGTERM', 'SIGINT'], useExit0: true });
