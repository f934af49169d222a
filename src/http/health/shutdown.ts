/** Tells whether the server is shutting down. Set first, so that load balancers stop sending requests. */
export class Shutdown {
  private started = false;

  get begun(): boolean {
    return this.started;
  }

  begin(): void {
    this.started = true;
  }
}
