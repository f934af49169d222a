/** Whether this server is on its way out. Set before anything is torn down, so that load balancers look elsewhere. */
export class Shutdown {
  private started = false;

  get begun(): boolean {
    return this.started;
  }

  begin(): void {
    this.started = true;
  }
}
