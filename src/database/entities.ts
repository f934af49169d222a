import { ContentAdoption } from '../content/model/content-adoption.entity.js';
import { ContentAudience, ContentItem, ContentVersion } from '../content/model/content-item.entity.js';
import { ContentPublication, ContentPublicationFailure } from '../content/model/content-publication.entity.js';
import { StaffIssuance } from '../billing/ledger/adjustments/staff-issuance.entity.js';
import { Attempt } from '../limits/attempt.entity.js';
import { Password } from '../auth/identity/passwords/password.entity.js';
import { Client } from '../auth/identity/clients/client.entity.js';
import { DeviceLogin } from '../auth/identity/program-sign-in/device-login.entity.js';
import { EmailChange } from '../auth/identity/email-change/email-change.entity.js';
import { KnownDevice } from '../auth/identity/sessions/known-device.entity.js';
import { SessionClaims } from '../auth/identity/sessions/session-claims.entity.js';
import { RefusedAttempts } from '../auth/access/refused-attempts/refused-attempt.entity.js';
import { RecoveryCode } from '../auth/identity/mfa/recovery-code.entity.js';
import { TotpFactor } from '../auth/identity/mfa/totp-factor.entity.js';
import { Passkey } from '../auth/identity/passkeys/passkey.entity.js';
import { RefreshToken, Session } from '../auth/identity/sessions/session.entity.js';
import { SsoConnection } from '../auth/sso/connections/connection.entity.js';
import { SsoIdentity } from '../auth/sso/identities/identity.entity.js';
import { OneTimeToken } from '../auth/identity/tokens/one-time-token.entity.js';
import { SigningKey } from '../auth/access/tokens/signing-key.entity.js';
import { CreditAdjustment } from '../billing/ledger/adjustments/adjustment.entity.js';
import { CreditAlert, CreditCrossing } from '../billing/ledger/alerts/alert.entity.js';
import { AutoTopUp } from '../billing/payments/auto-top-up-settings/auto-top-up.entity.js';
import { CreditHold } from '../billing/ledger/holds/hold.entity.js';
import {
  CreditAccount,
  CreditEntry,
  CreditKey,
  CreditLot,
  CreditRefund,
} from '../billing/ledger/storage/ledger.entity.js';
import { CreditDay, CreditRollup } from '../billing/ledger/usage/usage-rollup.entity.js';
import { CreditLimit, CreditUsage } from '../billing/ledger/limits/limit.entity.js';
import {
  OperatorWebhook,
  OperatorWebhookDelivery,
  OrganizationWebhook,
  OrganizationWebhookDelivery,
  WebhookCursor,
} from '../webhooks/model/webhook.entity.js';
import { Artifact } from '../artifacts/artifact.entity.js';
import { Run, RunLimit } from '../billing/runs/run.entity.js';
import { Subscription, SubscriptionPeriod } from '../billing/subscriptions/subscription.entity.js';
import { SavedPaymentMethod } from '../billing/payments/methods/payment-method.entity.js';
import { TopUpPackage } from '../billing/payments/packages/package.entity.js';
import { SandboxPayment } from '../billing/payments/providers/sandbox/sandbox.entity.js';
import { BillingDetails } from '../billing/parties/billing-details.entity.js';
import { Receipt, ReceiptCounter } from '../billing/payments/receipt-numbers/receipt.entity.js';
import { Seller } from '../billing/parties/seller.entity.js';
import { TopUpSettings } from '../billing/payments/terms/terms.entity.js';
import { PaymentEvent, TopUp } from '../billing/payments/top-ups/top-up.entity.js';
import { ClusterOrganization } from '../clusters/access/cluster-access.entity.js';
import { Cluster } from '../clusters/cluster.entity.js';
import {
  OperatorEvent,
  OperatorEventChain,
  OrganizationEvent,
  OrganizationEventChain,
} from '../events/event.entity.js';
import { JobFailure } from '../events/job-failure.entity.js';
import { SampleDataLoad } from '../sample-data/sample-data-load.entity.js';
import { IdempotencyKey } from '../http/idempotency/idempotency-key.entity.js';
import { Deployment } from '../provisioning/deployment.entity.js';
import { Mail } from '../mail/outbox/mail.entity.js';
import { OperatorMember } from '../users/staff/operator-member.entity.js';
import { Plan } from '../plans/plan.entity.js';
import { OperatorApiKey } from '../operators/api-keys/operator-api-key.entity.js';
import { Operator } from '../operators/operator.entity.js';
import { OperatorAccessRule, OrganizationAccessRule } from '../organizations/access-rules/access-rule.entity.js';
import { ApiKey } from '../organizations/api-keys/api-key.entity.js';
import { OrganizationDomain, VerifiedDomain } from '../organizations/domains/domain.entity.js';
import { Invitation } from '../organizations/invitations/invitation.entity.js';
import { OrganizationMember } from '../organizations/members/organization-member.entity.js';
import { RoleTemplate } from '../organizations/role-templates/role-template.entity.js';
import { CustomRole } from '../organizations/roles/role.entity.js';
import { Organization } from '../organizations/organization.entity.js';
import { FormerMember } from '../organizations/former-members/former-member.entity.js';
import { ScimGroup, ScimGroupMember } from '../scim/groups/scim-group.entity.js';
import { ScimSettings } from '../scim/settings/scim-settings.entity.js';
import { ScimUser } from '../scim/users/scim-user.entity.js';
import { Tombstone } from '../purge/tombstone.entity.js';
import { OperatorLogo, OrganizationLogo } from '../settings/branding/logo.entity.js';
import { OperatorSetting, OrganizationSetting, UnitSetting } from '../settings/setting.entity.js';
import { UnitMember } from '../units/members/unit-member.entity.js';
import { Unit } from '../units/unit.entity.js';
import { User } from '../users/user.entity.js';
import { OperatorVariable, OrganizationVariable, UnitVariable } from '../variables/variable.entity.js';

/** All tables, listed explicitly. */
export const entities = [
  Deployment,
  Operator,
  OperatorApiKey,
  User,
  OperatorMember,
  OperatorEvent,
  OperatorEventChain,
  OperatorSetting,
  OperatorLogo,
  OperatorVariable,
  Plan,
  Organization,
  RoleTemplate,
  CustomRole,
  OperatorAccessRule,
  OrganizationAccessRule,
  OrganizationMember,
  FormerMember,
  ScimUser,
  ScimGroup,
  ScimGroupMember,
  ScimSettings,
  Invitation,
  ApiKey,
  OrganizationDomain,
  VerifiedDomain,
  OrganizationEvent,
  OrganizationEventChain,
  OrganizationSetting,
  OrganizationLogo,
  OrganizationVariable,
  Unit,
  UnitMember,
  UnitSetting,
  UnitVariable,
  Cluster,
  ClusterOrganization,
  ContentItem,
  ContentVersion,
  ContentAudience,
  ContentAdoption,
  ContentPublication,
  ContentPublicationFailure,
  StaffIssuance,
  CreditAccount,
  CreditEntry,
  CreditLot,
  CreditHold,
  CreditRefund,
  CreditKey,
  CreditAdjustment,
  CreditLimit,
  CreditUsage,
  Run,
  RunLimit,
  Artifact,
  OrganizationWebhook,
  OrganizationWebhookDelivery,
  OperatorWebhook,
  OperatorWebhookDelivery,
  WebhookCursor,
  CreditRollup,
  CreditDay,
  Subscription,
  SubscriptionPeriod,
  CreditAlert,
  CreditCrossing,
  AutoTopUp,
  SavedPaymentMethod,
  TopUpPackage,
  TopUpSettings,
  Seller,
  BillingDetails,
  ReceiptCounter,
  Receipt,
  TopUp,
  PaymentEvent,
  SandboxPayment,
  SigningKey,
  Client,
  OneTimeToken,
  Password,
  TotpFactor,
  RefusedAttempts,
  RecoveryCode,
  Passkey,
  Attempt,
  Session,
  RefreshToken,
  SessionClaims,
  KnownDevice,
  SsoConnection,
  SsoIdentity,
  EmailChange,
  DeviceLogin,
  Mail,
  IdempotencyKey,
  Tombstone,
  JobFailure,
  SampleDataLoad,
];
