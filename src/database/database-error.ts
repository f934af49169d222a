/** The database cannot be used. The message is one line for the person who runs the server. */
export class DatabaseError extends Error {}
