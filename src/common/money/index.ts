export * from './micro.js';
export * from './currency.js';
