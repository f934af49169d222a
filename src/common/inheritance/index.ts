export * from './inherit.js';
