export { ReportService } from './report.service.js';
export { ReportModule } from './report.module.js';
