import { useHotkeys, useLocalStorage } from '@mantine/hooks';

/** Shortcuts can be turned off, because they may take keys that the browser or an aid of the user needs. */
export const useShortcutsEnabled = () =>
  useLocalStorage({ key: 'trellis-shortcuts', defaultValue: true, getInitialValueInEffect: false });

/** Runs `action` on a key outside of fields. Without an action the key does nothing. */
export function useShortcut(key: string, action: (() => void) | undefined, { inFields = false } = {}): void {
  const [enabled] = useShortcutsEnabled();
  useHotkeys(enabled && action ? [[key, () => action()]] : [], inFields ? [] : undefined);
}
