export * from './repeated.js';
