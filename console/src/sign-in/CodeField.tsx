import { TextInput } from '@mantine/core';
import { type Ref, useEffect, useRef } from 'react';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Called a moment after the last digit, so that the button need not be pressed. */
  onComplete: () => void;
  ref?: Ref<HTMLInputElement>;
}

const LENGTH = 6;
const PAUSE_MS = 600;

/** The six digits of an authenticator app. */
export function CodeField({ label, value, onChange, onComplete, ref }: Props) {
  const complete = useRef(onComplete);
  useEffect(() => {
    complete.current = onComplete;
  });
  useEffect(() => {
    if (value.length !== LENGTH) return undefined;
    const timer = setTimeout(() => complete.current(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return (
    <TextInput
      ref={ref}
      label={label}
      inputMode="numeric"
      autoComplete="one-time-code"
      placeholder="000000"
      required
      withAsterisk={false}
      autoFocus
      data-autofocus
      classNames={{ input: 'tabular' }}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.normalize('NFKC').replace(/\D/g, '').slice(0, LENGTH))}
    />
  );
}
