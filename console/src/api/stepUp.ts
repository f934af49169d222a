/** What the server accepts as a fresh proof. */
export interface StepUpRequest {
  methods: string[];
  /** The connection whose provider may prove it. */
  connectionId?: string | undefined;
}

interface Waiting extends StepUpRequest {
  answer: Promise<boolean>;
  resolve: (proved: boolean) => void;
}

let waiting: Waiting | null = null;
const listeners = new Set<() => void>();
const changed = () => {
  for (const listener of listeners) listener();
};

/** Lets requests wait while the user confirms who they are. All that wait share one dialog. */
export const stepUp = {
  get request(): StepUpRequest | null {
    return waiting;
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  /** Resolves to whether the user did. */
  ask(request: StepUpRequest): Promise<boolean> {
    if (!waiting) {
      let resolve: Waiting['resolve'] = () => undefined;
      const answer = new Promise<boolean>((done) => (resolve = done));
      waiting = { ...request, answer, resolve };
      changed();
    }
    return waiting.answer;
  },
  finish(proved: boolean): void {
    waiting?.resolve(proved);
    waiting = null;
    changed();
  },
};
