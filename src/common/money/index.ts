export * from './micro.js';
