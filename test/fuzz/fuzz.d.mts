export interface FuzzOptions {
  origin: string;
  admin: { email: string; password: string };
  query: (sql: string, parameters?: unknown[]) => Promise<{ rows: any[] }>;
  requests: number;
  seed: number;
  only?: number;
  concurrency?: number;
  slowMs?: number;
  slowHashMs?: number;
  say?: (line: string) => void;
}

export interface FuzzReport {
  count: number;
  failed: boolean;
  faults: ReadonlyMap<string, { times: number; examples: string[] }>;
  rows: ReadonlyMap<string, { statuses: ReadonlyMap<number | 'cut', number>; slowest: number }>;
  table(): string;
  faultText(): string;
}

export function fuzz(options: FuzzOptions): Promise<FuzzReport>;
