// Nest with its shutdown hooks: it leaves on SIGTERM. Decorators are called by hand, since this is plain JavaScript.
import 'reflect-metadata';
import { setTimeout } from 'node:timers/promises';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const { PORT, KEEP_ALIVE_TIMEOUT } = process.env;

class Pages {
  index() {
    return { pid: process.pid };
  }

  async slow() {
    await setTimeout(300);
    return { pid: process.pid };
  }

  offline() {
    process.send('offline');
    return { pid: process.pid };
  }
}

for (const [path, method] of Object.entries({ '/': 'index', '/slow': 'slow', '/offline': 'offline' })) {
  Get(path)(Pages.prototype, method, Object.getOwnPropertyDescriptor(Pages.prototype, method));
}
Controller()(Pages);

class Application {}
Module({ controllers: [Pages] })(Application);

const app = await NestFactory.create(Application, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(Number(PORT), '127.0.0.1');
app.getHttpServer().keepAliveTimeout = Number(KEEP_ALIVE_TIMEOUT);
