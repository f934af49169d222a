interface Client {
  query(text: string): Promise<{ rows: { name: string; text: string }[] }>;
}

export interface Comparison {
  changed: { name: string; text: string }[];
  unknown: string[];
}

export function compareRoutines(client: Client, statements?: string[]): Promise<Comparison>;
