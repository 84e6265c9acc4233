// Uses the CPU for BOOT_MS, as an application that loads its modules does, and serves.
const { createServer } = require('node:http');

const end = process.cpuUsage().user + Number(process.env.BOOT_MS ?? 0) * 1000;
while (process.cpuUsage().user < end);
createServer((_, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
