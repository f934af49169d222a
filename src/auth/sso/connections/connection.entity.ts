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
}

export interface SamlSettings {
  /** Of the identity provider. */
  entityId: string;
  ssoUrl: string;
  /** PEM. Several while they are being changed: each of them counts. */
  certificates: string[];
  allowIdpInitiated: boolean;
}

/** What a value of the claim with the groups gives. */
export interface MappedRole {
  value: string;
  role: Role;
  roleIds: string[];
  unitIds: string[];
}

/** Which claim says what. */
export interface ClaimMapping {
  email: string;
  name: string;
  groups: string | null;
  /** A claim that must be the organization's externalId. */
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

  /** The order in which people see them. */
  @Column({ type: 'integer' })
  position: number;

  /** Whether the provider has to say that it verified the address. */
  @Column({ type: 'boolean' })
  requireVerifiedEmail: boolean;

  /** By type: `OidcSettings` or `SamlSettings`. */
  @JsonColumn()
  settings: object;

  @JsonColumn()
  mapping: ClaimMapping;

  /** The client secret, encrypted. */
  @Column({ type: 'text', nullable: true, select: false })
  secret: string | null;

  /** What the last sign-in by the test button showed. */
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
