import { mailboxOf } from '../../common/validation/index.js';

/** Returns the form in which userNames are compared. Those that are addresses are equal as addresses. */
export const keyOfUserName = (userName: string): string => mailboxOf(userName) ?? userName.toLowerCase();
