import { validateCronExpression } from 'cron';

export const isCron = (expression: string): boolean => validateCronExpression(expression).valid;
