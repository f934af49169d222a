/** Kinds of notices that members can switch off for an organization. All other mails always arrive. */
export const NOTICE_KINDS = ['credits', 'autoTopUp', 'domains'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];
