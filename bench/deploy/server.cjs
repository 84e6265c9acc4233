// Uses the CPU for BOOT_MS, as an application that loads its modules does, and serves.
const { createServer } = require('node:http');

const used = () => Object.values(process.cpuUsage()).reduce((a, b) => a + b);
const end = used() + Number(process.env.BOOT_MS ?? 0) * 1000;
while (used() < end) for (let i = 0; i < 1e5; i++);
createServer((_, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
