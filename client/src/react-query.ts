export * from './generated/api/@tanstack/react-query.gen.js';
