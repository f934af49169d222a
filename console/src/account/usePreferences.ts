import { useMantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type PatchAccount, updateAccount } from '@trellis/client';
import { getAccountQueryKey } from '@trellis/client/react-query';
import { useEffect } from 'react';
import { useAccount } from '../api/access';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { setLanguage } from '../i18n';
import { setTimeZone } from '../i18n/timeZone';
import { start } from '../start';

export type Preferences = Pick<PatchAccount, 'language' | 'timeZone' | 'colorScheme'>;

/** Returns a function that applies language, time zone and color scheme at once, and keeps them with the account. */
export function usePreferences(): (changes: Preferences) => Promise<void> {
  const queries = useQueryClient();
  const textOf = useProblemText();
  const apply = useApply();
  return async (changes) => {
    await apply(changes);
    try {
      const { data } = await updateAccount({ body: changes });
      queries.setQueryData(getAccountQueryKey(), data);
    } catch (error) {
      toast(textOf(error), { error: true });
      await queries.invalidateQueries({ queryKey: getAccountQueryKey() });
    }
  };
}

/** Applies what the account says, on every device where the user signs in. */
export function useAccountPreferences(): void {
  const { language, timeZone, colorScheme } = useAccount() ?? {};
  const apply = useApply();
  useEffect(() => {
    void apply({
      ...(language && { language }),
      ...(colorScheme && { colorScheme }),
      timeZone: timeZone ?? null,
    });
    // Runs when the account changes, not when the page renders.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [language, timeZone, colorScheme]);
}

function useApply(): (preferences: Preferences) => Promise<void> {
  const { setColorScheme } = useMantineColorScheme();
  return async ({ language, timeZone, colorScheme }) => {
    if (colorScheme !== undefined) setColorScheme(colorScheme ?? start.branding.themeMode);
    if (timeZone !== undefined) setTimeZone(timeZone ?? undefined);
    if (language !== undefined) await setLanguage(language);
  };
}
