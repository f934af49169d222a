import type { Actor } from '../common/access/index.js';
import type { Tx } from '../database/index.js';
import type { AppErrorOptions } from '../common/errors/index.js';
import type { FieldName, Fields, Inherited, LevelName } from '../common/inheritance/index.js';
import type { EventType } from '../events/index.js';

/** The operator, organization or unit that settings belong to. */
export interface Place {
  operatorId: string;
  organizationId?: string | undefined;
  /** Requires `organizationId`. */
  unitId?: string | undefined;
}

/** A place by the slugs in URLs. */
export interface NamedPlace {
  operator: string;
  organization?: string | undefined;
  unit?: string | undefined;
}

/** One level of a path with the stored settings of one kind. */
export interface SettingLevel {
  level: LevelName;
  id: string;
  slug: string;
  name: string;
  /** The operator's contact. Null at lower levels. */
  supportEmail: string | null;
  supportUrl: string | null;
  values: Record<string, unknown>;
  locks: string[];
  /** 0 if nothing was stored yet. */
  version: number;
}

/** A kind of settings that lower levels inherit. */
export interface SettingKind<V extends object> {
  /** The stored name, for example `branding`. */
  name: string;
  fields: Fields<V>;
  changed: EventType;
  /** Creates the error for a change of a field that a level above locks. */
  locked(options: AppErrorOptions & { detail: string }): Error;
  /** Returns the defaults of a level for fields that no level of the path sets. */
  implied?(level: SettingLevel): Partial<V>;
}

export interface SettingState<V extends object> extends Inherited<V> {
  /** The fields that this level locks for the levels below. */
  locks: FieldName<V>[];
  /** Quoted entity tag. Changes with every change on the path. */
  etag: string;
  /** The path, top-down. The last level is the requested one. */
  path: { level: LevelName; id: string; slug: string; name: string }[];
}

export interface SettingChange<V extends object> {
  actor: Actor;
  /** Locks the row of the level. Rejects levels that no longer exist or are pending deletion. */
  lock(tx: Tx): Promise<unknown>;
  ifMatch: string | undefined;
  set?: Partial<V> | undefined;
  /** Fields to inherit again. May contain fields that are not set. */
  reset?: readonly FieldName<V>[] | undefined;
  /** Replaces the whole list. Undefined leaves it unchanged. */
  locks?: readonly FieldName<V>[] | undefined;
}
