import type { Actor } from '../common/access/index.js';
import type { Tx } from '../database/index.js';
import type { AppErrorOptions } from '../common/errors/index.js';
import type { FieldName, Fields, Inherited, LevelName } from '../common/inheritance/index.js';
import type { EventType } from '../events/index.js';

/** Whose settings: the operator's own, an organization's, or a unit's. */
export interface Place {
  operatorId: string;
  organizationId?: string | undefined;
  /** Only together with `organizationId`. */
  unitId?: string | undefined;
}

/** The same by the slugs that stand in URLs. */
export interface NamedPlace {
  operator: string;
  organization?: string | undefined;
  unit?: string | undefined;
}

/** One level of a path with what is stored there for one kind. */
export interface SettingLevel {
  level: LevelName;
  id: string;
  slug: string;
  name: string;
  /** The operator's own contact; null on the levels below. */
  supportEmail: string | null;
  supportUrl: string | null;
  values: Record<string, unknown>;
  locks: string[];
  /** 0 while nothing was ever stored. */
  version: number;
}

/** One kind of settings that flows down the tree. */
export interface SettingKind<V extends object> {
  /** As stored: `branding`, … */
  name: string;
  fields: Fields<V>;
  changed: EventType;
  /** The refusal to set what an ancestor locks. */
  locked(options: AppErrorOptions & { detail: string }): Error;
  /** What a level gives while nobody on the path sets a field. */
  implied?(level: SettingLevel): Partial<V>;
}

export interface SettingState<V extends object> extends Inherited<V> {
  /** The fields this level locks for the levels below. */
  locks: FieldName<V>[];
  /** Entity tag, quoted: another one as soon as anything on the path changes. */
  etag: string;
  /** The path, top-down; the last is the level asked for. */
  path: { level: LevelName; id: string; slug: string; name: string }[];
}

export interface SettingChange<V extends object> {
  actor: Actor;
  /** Locks the operator, organization or unit that is changed; refuses what is gone or waits for its purge. */
  lock(tx: Tx): Promise<unknown>;
  ifMatch: string | undefined;
  set?: Partial<V> | undefined;
  /** Fields to inherit again; a field nobody set is no error. */
  reset?: readonly FieldName<V>[] | undefined;
  /** The whole list; left as it is when not given. */
  locks?: readonly FieldName<V>[] | undefined;
}
