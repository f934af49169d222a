import { useEffect } from 'react';

const FOCUSABLE = 'a[href], button, input, select, textarea, [tabindex]';
/** Elements that come and go over the page. */
const LAYERS = '[role=dialog], [role=menu], [role=listbox]';
/** Dialogs return the focus by themselves if what opened them still exists. They need a moment. */
const RETURN_MS = 60;

/** Returns an element and those around it, innermost first. */
function pathOf(element: Element): Element[] {
  const path = [];
  for (let next: Element | null = element; next; next = next.parentElement) path.push(next);
  return path;
}

const isLost = (last: Element[]) => last[0]?.isConnected === false && document.activeElement === document.body;

const canTakeFocus = (element: Element) =>
  element.isConnected &&
  element.matches(FOCUSABLE) &&
  !element.matches(':disabled') &&
  element.getClientRects().length > 0;

/**
 * Keeps the focus when the element that has it disappears: a row that was removed, or a dialog whose opener is gone. Browsers
 * move it to the start of the page then, and the next press of Tab begins there. It goes to the nearest element around
 * instead, such as the list, or to what had it before the dialog.
 */
export function useFocusKeeper(): void {
  useEffect(() => {
    let last: Element[] = [];
    let below: Element[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const remember = ({ target }: FocusEvent) => {
      if (!(target instanceof Element) || target === document.body) return;
      last = pathOf(target);
      if (!target.closest(LAYERS)) below = last;
    };
    const restore = () => {
      timer = undefined;
      if (!isLost(last)) return;
      const found = [...last, ...below].find(canTakeFocus) ?? document.getElementById('content');
      if (found instanceof HTMLElement) found.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(() => {
      if (timer === undefined && isLost(last)) timer = setTimeout(restore, RETURN_MS);
    });
    document.addEventListener('focusin', remember);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener('focusin', remember);
    };
  }, []);
}
