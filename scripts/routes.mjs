// `npm run routes` writes docs/routes.md; with --check it fails when the committed file is out of date.
import { DiscoveryService, MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { root, writeOrCheck } from './drift.mjs';
import { app } from './preview-app.mjs';
import { controllerFiles, routeTable } from './route-table.mjs';

const { RouteRules } = await import('../dist/auth/access/index.js');

const discovery = new DiscoveryService(app.get(ModulesContainer));
const routes = new RouteRules(discovery, new MetadataScanner(), new Reflector()).all();
writeOrCheck('docs/routes.md', routeTable(routes, controllerFiles(root)), 'npm run routes');
