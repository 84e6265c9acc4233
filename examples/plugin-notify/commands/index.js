import Test from './test.js';

export const commands = { 'notify:test': Test };
