import { useRef, useState } from 'react';
import { Refused } from '../api/problem';

export interface Step {
  busy: boolean;
  error: Refused | null;
  /** Runs one request at a time. Resolves to whether it succeeded. */
  run: (act: () => Promise<void>) => Promise<boolean>;
}

/** A request that a form sends, with its refusal. `onRefused` may move the focus. */
export function useStep(onRefused?: (error: Refused) => void): Step {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Refused | null>(null);
  const running = useRef(false);
  const run = async (act: () => Promise<void>): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await act();
      return true;
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      setError(refusal);
      onRefused?.(refusal);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, error, run };
}
