import { useTranslation } from 'react-i18next';
import { type FieldProblem, Refused } from '../api/problem';

/** Returns a function that says what went wrong: in the user's language if the code is known, else as the server says it. */
export function useProblemText(): (error: unknown) => string {
  const { t, i18n } = useTranslation('errors');
  return (error) => {
    if (!(error instanceof Refused)) return t('internal_error');
    // Codes contain dots, which would separate nested keys.
    const text = i18n.getResource(i18n.language, 'errors', error.code) as unknown;
    return typeof text === 'string' ? text : error.problem.detail;
  };
}

/** Like `useProblemText`, for one field. */
export function useFieldProblemText(): (error: FieldProblem) => string {
  const { t, i18n } = useTranslation('errors');
  return ({ code, params, message }) => {
    const known = `field.${code === 'invalid_format' ? String(params?.format) : code}` as 'field.required';
    return i18n.exists(known, { ns: 'errors' }) ? (t(known, { ...params }) as string) : message;
  };
}
