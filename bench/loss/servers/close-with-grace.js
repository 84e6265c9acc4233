// Leaves on SIGTERM.
import closeWithGrace from 'close-with-grace';
import { server } from './plain.js';

closeWithGrace({ delay: 10_000 }, () => new Promise((closed) => server.close(closed)));
