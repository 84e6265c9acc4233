// It leaves at once, on the message 'shutdown' and on SIGTERM.
import exitHook from 'exit-hook';
import './plain.js';

exitHook(() => {});
