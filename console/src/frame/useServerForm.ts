import { useForm, type UseFormInput, type UseFormReturnType } from '@mantine/form';
import { useRef, useState } from 'react';
import { isRefusal, Refused } from '../api/problem';
import { useFieldProblemText, useProblemText } from './useProblemText';

/** Codes of refusals that belong to one field. */
const FIELD_OF: Record<string, string> = {
  'organizations.slug_taken': 'slug',
  'organizations.external_id_taken': 'externalId',
  'users.email_taken': 'email',
  'users.not_found': 'email',
  'members.already_member': 'email',
  'roles.name_taken': 'name',
  'units.slug_taken': 'slug',
  'units.external_id_taken': 'externalId',
};

/** One version of what a form edits. */
export interface Version<V> {
  values: V;
  etag: string;
}

interface Options<V extends Record<string, unknown>> extends UseFormInput<V> {
  /** Sends the values. `ifMatch` is the version that the user saw last. */
  send: (values: V, ifMatch: string | undefined) => Promise<unknown>;
  etag?: string | undefined;
  /** Names the field that a refusal with this code belongs to, where it is particular to the form. */
  fieldOf?: (code: string) => (keyof V & string) | undefined;
  /** Reads the current version after someone else changed it (412). */
  current?: () => Promise<Version<V>>;
}

export interface ServerForm<V extends Record<string, unknown>> {
  form: UseFormReturnType<V>;
  submit: () => Promise<boolean>;
  sending: boolean;
  /** Tells whether the user would lose something by leaving. What is being sent counts as saved until it is refused. */
  isUnsaved: () => boolean;
  /** A refusal that belongs to no field. */
  refusal: Refused | null;
  /** The other version, while the user chooses. */
  conflict: Version<V> | null;
  saveMine: () => Promise<boolean>;
  takeTheirs: () => void;
}

/**
 * A form whose values the server judges. Refusals of fields are shown beside them and the first gets the focus. After a 412
 * both versions are shown, and the fields that the user did not change keep the other one. Whatever happens, the values that were typed stay.
 */
export function useServerForm<V extends Record<string, unknown>>(options: Options<V>): ServerForm<V> {
  const { send, etag, current, fieldOf, ...input } = options;
  const textOf = useProblemText();
  const fieldTextOf = useFieldProblemText();
  const form = useForm<V>(input as UseFormInput<V>);
  const [sending, setSending] = useState(false);
  const sent = useRef<string | null>(null);
  const [refusal, setRefusal] = useState<Refused | null>(null);
  const [conflict, setConflict] = useState<Version<V> | null>(null);

  /** Shows a refusal beside the fields it names. */
  const show = (error: Refused) => {
    const known = Object.keys(form.getValues());
    const field = fieldOf?.(error.code) ?? FIELD_OF[error.code];
    const errors =
      error.problem.errors?.map((one) => ({ field: one.field, message: fieldTextOf(one) })) ??
      (field ? [{ field, message: textOf(error) }] : []);
    const shown = errors.filter((one) => known.includes(one.field.split('.')[0] ?? ''));
    for (const one of shown) form.setFieldError(one.field, one.message);
    if (shown.length === 0 || shown.length < errors.length) setRefusal(error);
    const first = shown[0];
    if (first) form.getInputNode(first.field)?.focus();
  };

  /** Returns what the user changed, over the other version. */
  const merged = ({ values }: Version<V>): V => {
    const changed = Object.entries(form.getValues()).filter(([field]) => form.isDirty(field));
    return { ...values, ...Object.fromEntries(changed) };
  };

  const attempt = async (values: V, ifMatch: string | undefined): Promise<boolean> => {
    // A second click while the first request runs would send the same change twice.
    if (sending) return false;
    setSending(true);
    setRefusal(null);
    form.clearErrors();
    sent.current = JSON.stringify(values);
    try {
      await send(values, ifMatch);
      setConflict(null);
      return true;
    } catch (error) {
      sent.current = null;
      if (!(error instanceof Refused)) throw error;
      if (isRefusal(error, 'precondition_failed') && current) setConflict(await current());
      else show(error);
      return false;
    } finally {
      setSending(false);
    }
  };

  return {
    form,
    submit: () => attempt(form.getValues(), etag),
    sending,
    isUnsaved: () => form.isDirty() && JSON.stringify(form.getValues()) !== sent.current,
    refusal,
    conflict,
    saveMine: async () => conflict !== null && attempt(merged(conflict), conflict.etag),
    takeTheirs: () => {
      if (!conflict) return;
      form.setInitialValues(conflict.values);
      form.setValues(conflict.values);
      form.resetDirty(conflict.values);
      setConflict(null);
    },
  };
}
