import type { MigrationInterface } from 'typeorm';
import { Baseline1795500000000 } from './0001-baseline.js';
import { RegistrationWithoutPassword1795600000000 } from './0002-registration-without-password.js';
import { AddPaymentReviews1796000000003 } from './0003-add-payment-reviews.js';
import { BindCiphertexts1796000000004 } from './0004-bind-ciphertexts.js';
import { SingleSignOn1796000000005 } from './0005-single-sign-on.js';
import { OrganizationsAreStrangers1796017707607 } from './0006-organizations-are-strangers.js';
import { SignEvents1796100000007 } from './0007-sign-events.js';
import { TwoPeopleForCredits1796100000008 } from './0008-two-people-for-credits.js';
import { IdempotentResponsesOfOrganizations1796100000009 } from './0009-idempotent-responses-of-organizations.js';
import { ErasedUsers1796100000010 } from './0010-erased-users.js';
import { ApiKeyPermissions1796200000009 } from './0011-api-key-permissions.js';
import { DirectoryDetails1796200000010 } from './0012-directory-details.js';
import { AccountPreferences1796300000013 } from './0013-account-preferences.js';
import { DeviceLogins1796300000014 } from './0014-device-logins.js';
import { GrantedSessions1796300000015 } from './0015-granted-sessions.js';
import { RoundedPrices1796400000016 } from './0016-rounded-prices.js';
import { Receipts1796400000017 } from './0017-receipts.js';
import { OperatorApiKeys1796400000018 } from './0018-operator-api-keys.js';
import { OperatorCalendar1796400000019 } from './0019-operator-calendar.js';
import { LimitWindows1796400000020 } from './0020-limit-windows.js';
import { PaymentsThatGoBack1796400000021 } from './0021-payments-that-go-back.js';
import { GrantList1796400000022 } from './0022-grant-list.js';
import { DelayedAutomaticTopUps1796400000023 } from './0023-delayed-automatic-top-ups.js';
import { FreeUsage1796400000024 } from './0024-free-usage.js';
import { JobFailures1796400000025 } from './0025-job-failures.js';
import { ConfirmedAmounts1796400000026 } from './0026-confirmed-amounts.js';
import { SignInTime1796400000027 } from './0027-sign-in-time.js';
import { ScheduledGrants1796400000028 } from './0028-scheduled-grants.js';
import { SampleDataLoads1796500000029 } from './0029-sample-data-loads.js';
import { MutedNotices1796500000030 } from './0030-muted-notices.js';
import { CorrectedReceipts1796500000031 } from './0031-corrected-receipts.js';
import { OneFormOfAddresses1796500000032 } from './0032-one-form-of-addresses.js';
import { NamesInOrder1796500000033 } from './0033-names-in-order.js';
import { ProviderSessions1796500000034 } from './0034-provider-sessions.js';
import { KeepMailedLogos1796500000035 } from './0035-keep-mailed-logos.js';
import { ContentAndTemplates1796500000037 } from './0037-content-and-templates.js';
import { Artifacts1796500000038 } from './0038-artifacts.js';
import { Webhooks1796500000039 } from './0039-webhooks.js';

/** Migrations in order. A released migration is never edited. */
export const migrations: (new () => MigrationInterface)[] = [
  Baseline1795500000000,
  RegistrationWithoutPassword1795600000000,
  AddPaymentReviews1796000000003,
  BindCiphertexts1796000000004,
  SingleSignOn1796000000005,
  OrganizationsAreStrangers1796017707607,
  SignEvents1796100000007,
  TwoPeopleForCredits1796100000008,
  IdempotentResponsesOfOrganizations1796100000009,
  ErasedUsers1796100000010,
  ApiKeyPermissions1796200000009,
  DirectoryDetails1796200000010,
  AccountPreferences1796300000013,
  DeviceLogins1796300000014,
  GrantedSessions1796300000015,
  RoundedPrices1796400000016,
  Receipts1796400000017,
  OperatorApiKeys1796400000018,
  OperatorCalendar1796400000019,
  LimitWindows1796400000020,
  PaymentsThatGoBack1796400000021,
  GrantList1796400000022,
  DelayedAutomaticTopUps1796400000023,
  FreeUsage1796400000024,
  JobFailures1796400000025,
  ConfirmedAmounts1796400000026,
  SignInTime1796400000027,
  ScheduledGrants1796400000028,
  SampleDataLoads1796500000029,
  MutedNotices1796500000030,
  CorrectedReceipts1796500000031,
  OneFormOfAddresses1796500000032,
  NamesInOrder1796500000033,
  ProviderSessions1796500000034,
  KeepMailedLogos1796500000035,
  ContentAndTemplates1796500000037,
  Artifacts1796500000038,
  Webhooks1796500000039,
];
