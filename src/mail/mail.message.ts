/** One mail to one person. Links begin with BASE_URL, never with what a request said its host was. */
export interface MailMessage {
  to: { name: string; address: string };
  subject: string;
  text: string;
}
