/** One mail to one person. Links begin with BASE_URL, never with what a request said its host was. */
export interface MailMessage {
  /** A name only of somebody who is known: what a stranger typed must not reach others under our name. */
  to: { name?: string; address: string };
  subject: string;
  text: string;
}
