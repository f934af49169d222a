const DIALOGS = ['publish', 'withdraw', 'delete'] as const;

/** What the address of a document says beside its id. */
export interface DocumentPageSearch {
  dialog?: (typeof DIALOGS)[number] | undefined;
  /** The version in the drawer. */
  version?: number | undefined;
}

export const readPageSearch = ({ dialog, version }: Record<string, unknown>): DocumentPageSearch => ({
  ...(DIALOGS.includes(dialog as 'publish') && { dialog: dialog as 'publish' }),
  ...(Number.isInteger(version) && { version: version as number }),
});
