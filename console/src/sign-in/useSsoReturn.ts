import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { Refused } from '../api/problem';
import type { SignInSearch } from './address';
import { redeemSsoCode } from './sso';
import { useSignInNavigation } from './useSignInNavigation';

interface Return extends SignInSearch {
  code: string | undefined;
  close: boolean;
}

/** Finishes a sign-in with a provider, whose code is in the address. */
export function useSsoReturn({ code, close, ...search }: Return): { refusal: Refused | null; redeeming: boolean } {
  const [refusal, setRefusal] = useState<Refused | null>(null);
  const goOn = useSignInNavigation();
  const navigate = useNavigate();
  const redeemed = useRef<string | null>(null);
  useEffect(() => {
    if (code === undefined || redeemed.current === code) return;
    redeemed.current = code;
    const finish = async () => {
      try {
        const outcome = await redeemSsoCode(code);
        // Closes only what the console opened. Otherwise the console opens here.
        if (close && outcome.name === 'done') window.close();
        await goOn(outcome, search);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        setRefusal(error);
        await navigate({ to: '/sign-in', search, replace: true });
      }
    };
    void finish();
  });
  return { refusal, redeeming: code !== undefined && refusal === null };
}
