import type { MigrationInterface } from 'typeorm';
import { Tree1763740800000 } from './0001-tree.js';
import { SearchAndHistory1763740900000 } from './0002-search-and-history.js';
import { IdempotencyKeys1795287540227 } from './0003-idempotency-keys.js';
import { Variables1795289431359 } from './0004-variables.js';
import { Invitations1795290633147 } from './0005-invitations.js';
import { EmailChanges1795295323330 } from './0007-email-changes.js';
import { Roles1795295576410 } from './0008-roles.js';
import { Credits1795296129377 } from './0010-credits.js';
import { CreditRules1795296130377 } from './0011-credit-rules.js';
import { ListIndexes1795297172135 } from './0012-list-indexes.js';
import { AccessRules1795297379960 } from './0013-access-rules.js';
import { ApiKeys1795297438281 } from './0012-api-keys.js';
import { CreditAdjustments1795298816346 } from './0014-credit-adjustments.js';
import { Domains1795306707427 } from './0021-domains.js';
import { Subscriptions1795306920810 } from './0017-subscriptions.js';
import { SessionProof1795306861678 } from './0019-session-proof.js';
import { TopUps1795307589163 } from './0015-top-ups.js';
import { SingleSignOn1795308270960 } from './0022-single-sign-on.js';
import { Runs1795308903920 } from './0018-runs.js';
import { SecondFactors1795309953080 } from './0020-second-factors.js';
import { CreditReports1795310761667 } from './0024-credit-reports.js';
import { AutoTopUps1795311332134 } from './0016-auto-top-ups.js';
import { KnownDevices1795318497763 } from './0027-known-devices.js';
import { GrowingWaits1795319017598 } from './0028-growing-waits.js';
import { Clients1795318961387 } from './0025-clients.js';
import { PaymentMethods1795318896397 } from './0029-payment-methods.js';
import { Scim1795320085467 } from './0023-scim.js';
import { OwnUnitLimit1795321324007 } from './0030-own-unit-limit.js';
import { CreditKeyAnswers1795333815850 } from './0031-credit-key-answers.js';
import { OneLookAtEntries1795334615850 } from './0032-one-look-at-entries.js';
import { DomainRechecks1795323333306 } from './0026-domain-rechecks.js';

/** In order; one that was released is never edited. */
export const migrations: (new () => MigrationInterface)[] = [
  Tree1763740800000,
  SearchAndHistory1763740900000,
  IdempotencyKeys1795287540227,
  Variables1795289431359,
  Invitations1795290633147,
  EmailChanges1795295323330,
  Roles1795295576410,
  Credits1795296129377,
  CreditRules1795296130377,
  ListIndexes1795297172135,
  AccessRules1795297379960,
  ApiKeys1795297438281,
  CreditAdjustments1795298816346,
  Domains1795306707427,
  Subscriptions1795306920810,
  SessionProof1795306861678,
  TopUps1795307589163,
  SingleSignOn1795308270960,
  Runs1795308903920,
  SecondFactors1795309953080,
  CreditReports1795310761667,
  AutoTopUps1795311332134,
  KnownDevices1795318497763,
  GrowingWaits1795319017598,
  Clients1795318961387,
  PaymentMethods1795318896397,
  Scim1795320085467,
  OwnUnitLimit1795321324007,
  DomainRechecks1795323333306,
  CreditKeyAnswers1795333815850,
  OneLookAtEntries1795334615850,
];
