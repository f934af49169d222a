import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import type { Role } from '../../../common/access/index.js';
import {
  CreatedAtColumn,
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../../database/index.js';

export const CONNECTION_TYPES = ['oidc', 'saml'] as const;
export type ConnectionType = (typeof CONNECTION_TYPES)[number];

export const CLIENT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
export type ClientAuthMethod = (typeof CLIENT_AUTH_METHODS)[number];

export interface OidcSettings {
  issuer: string;
  clientId: string;
  tokenEndpointAuthMethod: ClientAuthMethod;
  scopes: string[];
  /** Set for a connection that was made before each had a redirect URI of its own, until an admin changes it. */
  usesSharedRedirectUri?: true;
  clockSkewSeconds?: number;
}

/** How many seconds the clock of a provider may differ. */
export const DEFAULT_CLOCK_SKEW = 120;

/** Connections that were created before it could be chosen have the default. */
export const clockSkewOf = (settings: object): number =>
  (settings as OidcSettings | SamlSettings).clockSkewSeconds ?? DEFAULT_CLOCK_SKEW;

/** What an identity provider has to sign: at least one of the two, or a certain one. */
export const REQUIRED_SIGNATURES = ['either', 'response', 'assertion', 'both'] as const;
export type RequiredSignature = (typeof REQUIRED_SIGNATURES)[number];
export const DEFAULT_SIGNATURE: RequiredSignature = 'either';

/** How the browser brings a request to an identity provider. */
export const SAML_BINDINGS = ['redirect', 'post'] as const;
export type SamlBinding = (typeof SAML_BINDINGS)[number];

export interface SamlSettings {
  /** The entity id of the identity provider. */
  entityId: string;
  ssoUrl: string;
  /** How requests reach `ssoUrl`: by redirect if it is not set. */
  ssoBinding?: SamlBinding;
  /** Where the browser returns after a logout that began at the provider. */
  idpLogoutUrl?: string;
  /** PEM certificates. During a rotation, each of several is accepted. */
  certificates: string[];
  allowIdpInitiated: boolean;
  requiredSignature?: RequiredSignature;
  clockSkewSeconds?: number;
  /** PEM. The identity provider encrypts assertions with it, if it is set. */
  encryptionCertificate?: string;
}

/** Connections that were created before it could be chosen have the default. */
export const requiredSignatureOf = ({ requiredSignature }: Partial<SamlSettings>): RequiredSignature =>
  requiredSignature ?? DEFAULT_SIGNATURE;

/** What a value of the groups claim grants. */
export interface MappedRole {
  value: string;
  role: Role;
  roleIds: string[];
  unitIds: string[];
}

/** Names the claims to read. */
export interface ClaimMapping {
  email: string;
  name: string;
  groups: string | null;
  /** A claim that must equal the organization's externalId. */
  organization: string | null;
  roles: MappedRole[];
}

/** An identity provider of an organization. */
@Entity('sso_connections')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Index('sso_connections_id_idx', ['id'])
@Index('sso_connections_position_idx', ['organizationId', 'position', 'id'])
@Check('sso_connections_type_check', "type in ('oidc', 'saml')")
export class SsoConnection {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  type: ConnectionType;

  @TextColumn()
  name: string;

  @Column({ type: 'boolean' })
  enabled: boolean;

  /** The order in which users see the connections. */
  @Column({ type: 'integer' })
  position: number;

  /** Whether the provider must assert that it verified the address. */
  @Column({ type: 'boolean' })
  requireVerifiedEmail: boolean;

  /** `OidcSettings` or `SamlSettings`, depending on the type. */
  @JsonColumn()
  settings: object;

  @JsonColumn()
  mapping: ClaimMapping;

  /** The client secret (OpenID) or the key that decrypts assertions (SAML), encrypted. */
  @Column({ type: 'text', nullable: true, select: false })
  secret: string | null;

  /** The result of the last connection test. */
  @Column({ type: 'jsonb', nullable: true, select: false })
  lastTest: object | null;

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
