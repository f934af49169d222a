import { Injectable } from '@nestjs/common';
import { Database } from '../../../../common/database/index.js';
import { topUpErrors } from '../../top-up.errors.js';
import { moneyText } from '../../currency.js';
import { closed, declined, disputed, paid, refunded, type SandboxEvent } from './sandbox-events.js';
import type { SandboxPayment, SandboxState } from './sandbox.entity.js';
import { SandboxProvider } from './sandbox.provider.js';
import { SandboxStore } from './sandbox.store.js';
import { SandboxWebhooks } from './sandbox-webhooks.js';
import type { Page, PageButton } from '../../../../pages/index.js';

/** Where the checkout page is, below BASE_URL. */
export const SANDBOX_PATH = 't/:operator/sandbox/:orgId/checkout/:topUpId';

type Step = 'pay' | 'decline' | 'dispute' | 'refund-half' | 'refund' | 'win' | 'lose';

const LABELS: Record<Step, string> = {
  pay: 'Pay',
  decline: 'Decline',
  dispute: 'Dispute',
  'refund-half': 'Refund half',
  refund: 'Refund all',
  win: 'Dispute is won',
  lose: 'Dispute is lost',
};

/** What can be pressed in which state. */
const STEPS: Record<SandboxState, readonly Step[]> = {
  open: ['pay', 'decline', 'dispute'],
  declined: ['pay', 'decline', 'dispute'],
  paid: ['dispute', 'refund-half', 'refund'],
  disputed: ['win', 'lose'],
  won: ['refund-half', 'refund'],
  lost: [],
};

const TITLES: Record<SandboxState, string> = {
  open: 'Pay for your credits',
  declined: 'The payment was declined',
  paid: 'Paid',
  disputed: 'The payment is disputed',
  won: 'The dispute was won',
  lost: 'The dispute was lost',
};

const TEXTS: Record<SandboxState, string> = {
  open: 'This is a sandbox: no money moves. Choose how the payment ends.',
  declined: 'No money moved. Try again, or go back.',
  paid: 'The credits are on their way. You can also play what happens to payments later.',
  disputed: 'The credits are kept back until the dispute has an end.',
  won: 'The credits that were kept back are available again.',
  lost: 'The credits are taken back.',
};

/** What can still be paid back. */
const left = ({ amountMinor, refundedMinor }: SandboxPayment): bigint => BigInt(amountMinor) - BigInt(refundedMinor);

function stepsOf(payment: SandboxPayment): readonly Step[] {
  const nothingLeft = left(payment) === 0n;
  return nothingLeft ? [] : STEPS[payment.state];
}

/** Payments as the sandbox plays them. */
@Injectable()
export class Sandbox {
  constructor(
    private readonly db: Database,
    private readonly store: SandboxStore,
    private readonly provider: SandboxProvider,
    private readonly webhooks: SandboxWebhooks,
  ) {}

  /** Throws top_ups.not_found. */
  async page(organizationId: string, id: string): Promise<Page> {
    const payment = this.provider.isOn && (await this.store.find(this.db.reader, organizationId, id));
    if (!payment) throw topUpErrors.not_found();
    const { state, title, currency } = payment;
    const buttons = stepsOf(payment).map((step, index): PageButton => ({
      label: LABELS[step],
      sends: { name: 'do', value: step },
      secondary: index > 0,
    }));
    const refundedMinor = Number(payment.refundedMinor);
    return {
      status: 200,
      title: TITLES[state],
      text: TEXTS[state],
      facts: [
        ['For', title],
        ['To pay', moneyText(Number(payment.amountMinor), currency)],
        ...(refundedMinor > 0 ? [['Paid back', moneyText(refundedMinor, currency)] as const] : []),
      ],
      ...(buttons.length > 0 && { form: { action: id, buttons } }),
      link: { href: resultUrl(payment), label: 'Back' },
      redirectsTo: payment.returnUrl,
    };
  }

  /** Does what a button says and tells it by events; null, or where the payer goes. Throws top_ups.not_found, .checkout_over. */
  async press(organizationId: string, id: string, button: string): Promise<string | null> {
    const { payment, events } = await this.db.transaction(
      async (tx) => {
        const found = this.provider.isOn && (await this.store.find(tx, organizationId, id, true));
        if (!found) throw topUpErrors.not_found();
        const step = stepsOf(found).find((one) => one === button);
        if (!step) throw topUpErrors.checkout_over();
        const told = take(found, step);
        await this.store.update(tx, found);
        return { payment: found, events: told };
      },
      { keepsAccess: true },
    );
    await this.webhooks.send(events);
    return button === 'pay' ? resultUrl(payment) : null;
  }
}

/** Changes the payment by one step; gives what is told of it. */
function take(payment: SandboxPayment, step: Step): SandboxEvent[] {
  switch (step) {
    case 'pay':
      payment.state = 'paid';
      return [paid(payment)];
    case 'decline':
      payment.state = 'declined';
      return [declined(payment)];
    case 'dispute': {
      const first = payment.state === 'paid' ? [] : [paid(Object.assign(payment, { state: 'paid' as const }))];
      payment.state = 'disputed';
      return [...first, ...disputed(payment)];
    }
    case 'refund-half':
    case 'refund': {
      const rest = left(payment);
      const amount = step === 'refund' ? rest : (rest + 1n) / 2n;
      payment.refundedMinor = String(BigInt(payment.refundedMinor) + amount);
      return [refunded(payment)];
    }
    case 'win':
    case 'lose':
      payment.state = step === 'win' ? 'won' : 'lost';
      return [closed(payment)];
    default:
      return [];
  }
}

function resultUrl({ returnUrl, id }: SandboxPayment): string {
  const url = new URL(returnUrl);
  url.searchParams.set('topUpId', id);
  return url.href;
}
