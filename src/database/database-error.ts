/** The database cannot be used; the message is one clear line. */
export class DatabaseError extends Error {}
