import { Injectable } from '@nestjs/common';
import { Database } from '../../../../database/index.js';
import { topUpErrors } from '../../top-up.errors.js';
import { moneyText } from '../../../../common/money/index.js';
import { closed, declined, disputed, paid, refunded, type SandboxEvent } from './sandbox-events.js';
import type { SandboxPayment, SandboxState } from './sandbox.entity.js';
import { SandboxProvider } from './sandbox.provider.js';
import { SandboxStore } from './sandbox.store.js';
import { SandboxWebhookService } from './sandbox-webhook.service.js';
import type { Page, PageButton } from '../../../../pages/index.js';

/** The path of the checkout page, relative to BASE_URL. */
export const SANDBOX_PATH = 't/:operator/sandbox/:orgId/checkout/:topUpId';

type Step = 'pay' | 'decline' | 'dispute' | 'refund-half' | 'refund' | 'win' | 'lose';

const LABELS: Record<Step, string> = {
  pay: 'Pay',
  decline: 'Decline',
  dispute: 'Dispute',
  'refund-half': 'Refund half',
  refund: 'Refund all',
  win: 'Win the dispute',
  lose: 'Lose the dispute',
};

/** The steps that are possible in each state. */
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
  open: 'This is a sandbox, so no money moves. Choose how the payment ends.',
  declined: 'No money moved. Try again, or go back.',
  paid: 'The credits will be added shortly. You can also simulate later refunds and disputes.',
  disputed: 'The credits are frozen until the dispute is closed.',
  won: 'The frozen credits are available again.',
  lost: 'The credits were taken back.',
};

/** Returns the amount that can still be refunded. */
const refundableOf = ({ amountMinor, refundedMinor }: SandboxPayment): bigint =>
  BigInt(amountMinor) - BigInt(refundedMinor);

function stepsOf(payment: SandboxPayment): readonly Step[] {
  return refundableOf(payment) === 0n ? [] : STEPS[payment.state];
}

/** Runs the sandbox checkout page. */
@Injectable()
export class SandboxService {
  constructor(
    private readonly db: Database,
    private readonly store: SandboxStore,
    private readonly provider: SandboxProvider,
    private readonly webhooks: SandboxWebhookService,
  ) {}

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
        ['Amount', moneyText(Number(payment.amountMinor), currency)],
        ...(refundedMinor > 0 ? [['Refunded', moneyText(refundedMinor, currency)] as const] : []),
      ],
      ...(buttons.length > 0 && { form: { action: id, buttons } }),
      link: { href: resultUrl(payment), label: 'Back' },
      redirectsTo: payment.returnUrl,
    };
  }

  /** Applies the step of a button and sends its events. Returns the URL to redirect the payer to, or null to stay. */
  async press(organizationId: string, id: string, button: string): Promise<string | null> {
    const { payment, events } = await this.db.transaction(
      async (tx) => {
        const found = this.provider.isOn && (await this.store.find(tx, organizationId, id, true));
        if (!found) throw topUpErrors.not_found();
        const step = stepsOf(found).find((one) => one === button);
        if (!step) throw topUpErrors.checkout_over();
        const stepEvents = applyStep(found, step);
        await this.store.update(tx, found);
        return { payment: found, events: stepEvents };
      },
      { keepsAccess: true },
    );
    await this.webhooks.send(events);
    return button === 'pay' ? resultUrl(payment) : null;
  }
}

/** Applies one step to the payment and returns the events to send. */
function applyStep(payment: SandboxPayment, step: Step): SandboxEvent[] {
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
      const rest = refundableOf(payment);
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
